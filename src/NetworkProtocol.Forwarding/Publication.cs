using System.Formats.Cbor;
using System.Text;

namespace NetworkProtocol.Forwarding;

/// <summary>
/// A message as a sensor publishes it: the payload of the command <c>PUBLISH</c>. It is either a CBOR map, or text in the form
/// <c>topic value</c> for scripts. A CBOR map begins with a byte from A0 to BF, and no text in UTF-8 does.
/// </summary>
/// <param name="Topic">The topic: 1 to 256 bytes of UTF-8, <c>/</c> between its levels.</param>
/// <param name="Payload">The value: at most <see cref="MaxPayloadBytes"/> bytes.</param>
/// <param name="Time">When the value was measured; null for a sensor without a clock: the edge's time counts.</param>
/// <param name="Lane">The lane.</param>
/// <param name="TimeToLive">
/// How long the message is worth sending: a whole number of seconds, 1 s to <see cref="MaxTimeToLive"/>; null: for ever.
/// </param>
public sealed record Publication(
    string Topic, ReadOnlyMemory<byte> Payload, DateTimeOffset? Time = null, Lane Lane = Lane.Bulk, TimeSpan? TimeToLive = null)
{
    /// <summary>The name of the command that carries a publication.</summary>
    public const string Command = "PUBLISH";

    /// <summary>The largest payload in bytes, so that each message fits into a batch: 192 KiB.</summary>
    public const int MaxPayloadBytes = 192 * 1024;

    /// <summary>The largest payload of the command: a CBOR map with the largest topic and value.</summary>
    public const int MaxEncodedBytes = MaxPayloadBytes + 1024;

    /// <summary>The longest time to live: ten years.</summary>
    public static TimeSpan MaxTimeToLive { get; } = TimeSpan.FromDays(3650);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the payload of a <c>PUBLISH</c>. The result refers to <paramref name="bytes"/>.</summary>
    /// <exception cref="EncodingException">The payload has neither of the two forms, or a value is not allowed.</exception>
    public static Publication Read(ReadOnlyMemory<byte> bytes)
    {
        var publication = bytes.Length > 0 && bytes.Span[0] is >= 0xA0 and <= 0xBF ? ReadMap(bytes) : ReadText(bytes);
        return publication.ProblemOf() is { } problem ? throw new EncodingException(problem) : publication;
    }

    /// <summary>Encodes the publication as a CBOR map.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(null);
        writer.WriteInt32(0);
        writer.WriteTextString(Topic);
        writer.WriteInt32(1);
        writer.WriteByteString(Payload.Span);
        if (Time is { } time)
        {
            writer.WriteInt32(2);
            writer.WriteInt64(time.ToUnixTimeMilliseconds());
        }

        if (Lane != Lane.Bulk)
        {
            writer.WriteInt32(3);
            writer.WriteInt32((int)Lane);
        }

        if (TimeToLive is { } timeToLive)
        {
            writer.WriteInt32(4);
            writer.WriteInt64((long)timeToLive.TotalSeconds);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>What is wrong with the publication; null if nothing is.</summary>
    public string? ProblemOf() =>
        Forwarding.Topic.ProblemOf(Topic) is { } topic ? topic
        : RollupReport.IsReport(Payload.Span) ? "The value is a rollup; only a hub sends these, to the next hub."
        : Payload.Length > MaxPayloadBytes ? $"The value has {Payload.Length} bytes; at most {MaxPayloadBytes} are allowed."
        : Time < DateTimeOffset.UnixEpoch ? "The time is before 1970; it must be milliseconds since 1970-01-01 UTC."
        : !Enum.IsDefined(Lane) ? $"The lane is {(int)Lane}; it must be 0 (bulk) or 1 (alarm)."
        : TimeToLive < TimeSpan.FromSeconds(1) || TimeToLive > MaxTimeToLive
            ? $"The time to live must be 1 to {(long)MaxTimeToLive.TotalSeconds} seconds."
        : null;

    private static Publication ReadText(ReadOnlyMemory<byte> bytes)
    {
        var space = bytes.Span.IndexOf((byte)' ');
        if (space < 0)
        {
            throw new EncodingException("There is no space; the text must be a topic, a space and a value, as 'room1/temperature 21.5'.");
        }

        try
        {
            return new Publication(Strict.GetString(bytes.Span[..space]), bytes[(space + 1)..]);
        }
        catch (DecoderFallbackException e)
        {
            throw new EncodingException("The topic is not UTF-8.", e);
        }
    }

    private static Publication ReadMap(ReadOnlyMemory<byte> bytes)
    {
        string? topic = null;
        ReadOnlyMemory<byte>? payload = null;
        DateTimeOffset? time = null;
        var lane = Lane.Bulk;
        TimeSpan? timeToLive = null;
        Cbor.ReadMap(bytes, "The publication", (reader, key) =>
        {
            switch (key)
            {
                case 0:
                    topic = reader.ReadTextString();
                    return true;
                case 1:
                    payload = reader.ReadByteString();
                    return true;
                case 2:
                    time = UnixTime.Read(reader);
                    return true;
                case 3:
                    lane = (Lane)reader.ReadInt32();
                    return true;
                case 4:
                    timeToLive = TimeSpan.FromSeconds(Math.Clamp(reader.ReadInt64(), 0, (long)MaxTimeToLive.TotalSeconds + 1));
                    return true;
                default:
                    return false;
            }
        });
        return new Publication(
            topic ?? throw new EncodingException("The publication has no topic (key 0)."),
            payload ?? throw new EncodingException("The publication has no value (key 1)."),
            time,
            lane,
            timeToLive);
    }
}
