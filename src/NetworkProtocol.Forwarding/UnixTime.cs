using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>Times on the wire: milliseconds since 1970-01-01 UTC.</summary>
internal static class UnixTime
{
    /// <summary>The end of the year 9999, the last time that .NET and the databases know.</summary>
    public const long Max = 253_402_300_799_999;

    public static DateTimeOffset Read(CborReader reader) => reader.ReadInt64() is var time && IsValid(time)
        ? DateTimeOffset.FromUnixTimeMilliseconds(time)
        : throw new EncodingException($"The time is {time}; it must be milliseconds since 1970-01-01 UTC, from 0 to {Max}.");

    public static bool IsValid(long time) => time is >= 0 and <= Max;
}
