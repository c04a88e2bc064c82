using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>The hub's answer to a <see cref="Batch"/>. The answer follows the commit.</summary>
/// <param name="Mark">The high-water mark: the edge may delete this message of the lane and all before it.</param>
/// <param name="Status">What the hub did.</param>
/// <param name="Credit">How many messages the edge may send in one second; null: no limit.</param>
/// <param name="RetryAfter">How long the edge waits before it sends again, with <see cref="AppendStatus.Later"/>; null: not at all.</param>
public sealed record AppendAnswer(long Mark, AppendStatus Status, int? Credit = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The longest wait that an edge accepts: one hour.</summary>
    public static TimeSpan MaxRetryAfter { get; } = TimeSpan.FromHours(1);

    /// <summary>Encodes the answer.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(2 + (Credit is null ? 0 : 1) + (RetryAfter is null ? 0 : 1));
        writer.WriteInt32(0);
        writer.WriteInt64(Mark);
        writer.WriteInt32(1);
        writer.WriteInt32((int)Status);
        if (Credit is { } credit)
        {
            writer.WriteInt32(2);
            writer.WriteInt32(credit);
        }

        if (RetryAfter is { } retryAfter)
        {
            writer.WriteInt32(3);
            writer.WriteInt64((long)retryAfter.TotalMilliseconds);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Reads an encoded answer.</summary>
    /// <exception cref="EncodingException">The bytes are not an answer.</exception>
    public static AppendAnswer Decode(ReadOnlyMemory<byte> bytes)
    {
        long? mark = null;
        AppendStatus? status = null;
        int? credit = null;
        long? retryAfter = null;
        Cbor.ReadMap(bytes, "The hub's answer", (reader, key) =>
        {
            switch (key)
            {
                case 0:
                    mark = reader.ReadInt64();
                    return true;
                case 1:
                    status = (AppendStatus)reader.ReadInt32();
                    return true;
                case 2:
                    credit = reader.ReadInt32();
                    return true;
                case 3:
                    retryAfter = reader.ReadInt64();
                    return true;
                default:
                    return false;
            }
        });
        return mark is < 0 or > Batch.MaxNumber or null || status is not { } known || !Enum.IsDefined(known) || credit < 0
            ? throw new EncodingException($"The hub's answer has the mark {mark}, the status {(int?)status} and the credit {credit}.")
            : new AppendAnswer(mark.Value, known, credit, Bounded(retryAfter));
    }

    private static TimeSpan? Bounded(long? milliseconds) => milliseconds is { } given
        ? TimeSpan.FromMilliseconds(Math.Clamp(given, 0, (long)MaxRetryAfter.TotalMilliseconds))
        : null;
}
