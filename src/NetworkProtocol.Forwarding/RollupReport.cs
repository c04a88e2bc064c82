using System.Buffers.Binary;
using System.Formats.Cbor;
using System.Globalization;
using System.Text;

namespace NetworkProtocol.Forwarding;

/// <summary>
/// The sums of a series over one minute, hour or day, as a hub forwards them to the next hub. The numbers are absolute, so that a report
/// that comes again changes nothing. It is the payload of a message: a CBOR map with the tag <see cref="Tag"/>.
/// </summary>
/// <param name="Field">The field of the message that the numbers are from; empty for messages that are one number.</param>
/// <param name="Unit">The unit; empty if unknown.</param>
/// <param name="Seconds">The length: 60, 3,600 or 86,400 seconds.</param>
/// <param name="Start">The beginning in milliseconds since 1970-01-01 UTC, a multiple of the length.</param>
/// <param name="Count">How many numbers there were, from 1.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
/// <param name="Last">The last by time.</param>
/// <param name="LastTime">The time of the last, in milliseconds since 1970-01-01 UTC.</param>
public sealed record RollupReport(
    string Field,
    string Unit,
    int Seconds,
    long Start,
    long Count,
    double Sum,
    double Min,
    double Max,
    double Last,
    long LastTime)
{
    /// <summary>The CBOR tag, "NPRU" in ASCII, of the range that IANA gives to the first who comes.</summary>
    public const uint Tag = 0x4E505255;

    /// <summary>The longest field, in bytes of UTF-8.</summary>
    public const int MaxFieldBytes = 256;

    /// <summary>The longest unit, in bytes of UTF-8.</summary>
    public const int MaxUnitBytes = 64;

    /// <summary>The largest count: 2^53. What a hub adds to it later still fits into its numbers.</summary>
    public const long MaxCount = 1L << 53;

    private const int Version = 1;
    private const byte TagOfFourBytes = 0xDA;
    private const int TagLength = 5;
    private const int MillisecondsOfSecond = 1000;

    /// <summary>Whether a payload begins as a report does. No text and no other payload that a hub knows begins so.</summary>
    public static bool IsReport(ReadOnlySpan<byte> payload) =>
        payload.Length > TagLength && payload[0] == TagOfFourBytes && BinaryPrimitives.ReadUInt32BigEndian(payload[1..]) == Tag;

    /// <summary>Encodes the report.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteTag((CborTag)Tag);
        writer.WriteStartMap(11);
        writer.WriteInt32(0);
        writer.WriteInt32(Version);
        writer.WriteInt32(1);
        writer.WriteTextString(Field);
        writer.WriteInt32(2);
        writer.WriteTextString(Unit);
        writer.WriteInt32(3);
        writer.WriteInt32(Seconds);
        writer.WriteInt32(4);
        writer.WriteInt64(Start);
        writer.WriteInt32(5);
        writer.WriteInt64(Count);
        ReadOnlySpan<double> numbers = [Sum, Min, Max, Last];
        for (var i = 0; i < numbers.Length; i++)
        {
            writer.WriteInt32(6 + i);
            writer.WriteDouble(numbers[i]);
        }

        writer.WriteInt32(10);
        writer.WriteInt64(LastTime);
        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Reads an encoded report.</summary>
    /// <exception cref="EncodingException">The bytes are no report, or it cannot be true.</exception>
    public static RollupReport Decode(ReadOnlyMemory<byte> bytes)
    {
        if (!IsReport(bytes.Span))
        {
            throw new EncodingException("The rollup does not begin with its tag.");
        }

        int? version = null, seconds = null;
        long? start = null, count = null, lastTime = null;
        string field = "", unit = "";
        var numbers = new double?[4];
        Cbor.ReadMap(bytes[TagLength..], "The rollup", (reader, key) =>
        {
            switch (key)
            {
                case 0:
                    version = reader.ReadInt32();
                    return true;
                case 1:
                    field = reader.ReadTextString();
                    return true;
                case 2:
                    unit = reader.ReadTextString();
                    return true;
                case 3:
                    seconds = reader.ReadInt32();
                    return true;
                case 4:
                    start = reader.ReadInt64();
                    return true;
                case 5:
                    count = reader.ReadInt64();
                    return true;
                case >= 6 and <= 9:
                    numbers[key - 6] = reader.ReadDouble();
                    return true;
                case 10:
                    lastTime = reader.ReadInt64();
                    return true;
                default:
                    return false;
            }
        });
        if (version != Version)
        {
            throw new EncodingException($"The rollup has version {version}, and this hub knows version {Version}: update this hub first.");
        }

        var report = new RollupReport(
            field,
            unit,
            seconds ?? 0,
            start ?? -1,
            count ?? 0,
            numbers[0] ?? double.NaN,
            numbers[1] ?? double.NaN,
            numbers[2] ?? double.NaN,
            numbers[3] ?? double.NaN,
            lastTime ?? -1);
        return report.ProblemOf() is { } problem ? throw new EncodingException(problem) : report;
    }

    /// <summary>What in the report cannot be true; null if nothing is found.</summary>
    public string? ProblemOf() =>
        Seconds is not (60 or 3600 or 86_400) ? $"The rollup's length is {Seconds} s; it must be 60, 3600 or 86400."
        : !UnixTime.IsValid(Start) || Start % ((long)Seconds * MillisecondsOfSecond) != 0
            ? $"The rollup begins at {Start}, which is no multiple of its length from 1970 to 9999."
        : Count is < 1 or > MaxCount ? $"The rollup has {Count} numbers; it must have 1 to {MaxCount}."
        : !(double.IsFinite(Sum) && double.IsFinite(Min) && double.IsFinite(Max) && double.IsFinite(Last))
            ? "The rollup has a number that is not finite."
        : !(Min <= Last && Last <= Max)
            ? string.Create(CultureInfo.InvariantCulture, $"The rollup's last number is {Last}, which is not from {Min} to {Max}.")
        : !UnixTime.IsValid(LastTime) || LastTime < Start || LastTime - Start >= (long)Seconds * MillisecondsOfSecond
            ? $"The rollup's last time is {LastTime}, which is not within it."
        : ProblemOf("field", Field, MaxFieldBytes) ?? ProblemOf("unit", Unit, MaxUnitBytes);

    private static string? ProblemOf(string what, string text, int maxBytes) =>
        text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes
            ? $"The rollup has a {what} of more than {maxBytes} bytes."
        : text.Any(char.IsControl) ? $"The rollup has a {what} with a control character."
        : null;
}
