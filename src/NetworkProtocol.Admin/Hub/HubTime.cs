using System.Globalization;

namespace NetworkProtocol.Admin;

/// <summary>Times as the API's parameters and the options of <c>netproto</c> write them.</summary>
public static class HubTime
{
    /// <summary>What a text must be, for the error of a text that is not a time.</summary>
    public const string Expected = "a time as 2026-11-28T12:00:00Z";

    private static readonly string[] Formats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    /// <summary>Reads a time (ISO 8601); a time without an offset is UTC.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>Writes a time so that <see cref="TryParse"/> reads it, to the tenth of a microsecond.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);
}
