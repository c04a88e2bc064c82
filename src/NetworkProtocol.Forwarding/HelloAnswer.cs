using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>The hub's answer to a <see cref="Hello"/>.</summary>
/// <param name="Mark">The high-water mark: the last sequence number of the lane that the hub has stored; 0 if none.</param>
/// <param name="Epoch">The epoch that the mark belongs to.</param>
/// <param name="Credit">How many messages the edge may send in one second; null: no limit.</param>
/// <param name="Status">What the hub thinks of the greeting.</param>
public sealed record HelloAnswer(long Mark, long Epoch, int? Credit, HelloStatus Status)
{
    /// <summary>Encodes the answer.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(Credit is null ? 3 : 4);
        writer.WriteInt32(0);
        writer.WriteInt64(Mark);
        writer.WriteInt32(1);
        writer.WriteInt64(Epoch);
        if (Credit is { } credit)
        {
            writer.WriteInt32(2);
            writer.WriteInt32(credit);
        }

        writer.WriteInt32(3);
        writer.WriteInt32((int)Status);
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Reads an encoded answer.</summary>
    /// <exception cref="EncodingException">The bytes are not an answer.</exception>
    public static HelloAnswer Decode(ReadOnlyMemory<byte> bytes)
    {
        long? mark = null;
        long epoch = 0;
        int? credit = null;
        var status = HelloStatus.Agreed;
        Cbor.ReadMap(bytes, "The hub's answer", (reader, key) =>
        {
            switch (key)
            {
                case 0:
                    mark = reader.ReadInt64();
                    return true;
                case 1:
                    epoch = reader.ReadInt64();
                    return true;
                case 2:
                    credit = reader.ReadInt32();
                    return true;
                case 3:
                    status = (HelloStatus)reader.ReadInt32();
                    return true;
                default:
                    return false;
            }
        });
        return mark is < 0 or > Batch.MaxNumber or null || epoch is < 0 or > Batch.MaxNumber || !Enum.IsDefined(status) || credit < 0
            ? throw new EncodingException(
                $"The hub's answer has the mark {mark}, the epoch {epoch}, the status {(int)status} and the credit {credit}.")
            : new HelloAnswer(mark.Value, epoch, credit, status);
    }
}
