using System.Globalization;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>Formats values for the pages of the console.</summary>
internal static class Format
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>A duration in its two largest units, as <c>3 d 4 h</c> or <c>12 s</c>.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return time.TotalDays >= 1 ? $"{time.Days} d {time.Hours} h"
            : time.TotalHours >= 1 ? $"{time.Hours} h {time.Minutes} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
            : $"{time.Seconds} s";
    }

    /// <summary>A number of bytes, as <c>1.2 MiB</c>. Each unit is 1,024 of the unit before it, as everywhere in this program.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (bytes >= 1024 && unit < ByteUnits.Length - 1)
        {
            (bytes, unit) = (bytes / 1024, unit + 1);
        }

        return $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {ByteUnits[unit]}";
    }

    /// <summary>A number with separators of thousands, as <c>12,345</c>.</summary>
    public static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A rate; a small rate has one decimal.</summary>
    public static string Rate(double number) => number.ToString(number is > 0 and < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    /// <summary>A number of milliseconds with about three significant digits, as <c>0.213 ms</c> or <c>12.5 ms</c>.</summary>
    public static string Milliseconds(double? time) => time is { } value
        ? $"{value.ToString(value < 1 ? "0.000" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture)} ms"
        : "–";

    /// <summary>A date and time in UTC, to the second.</summary>
    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>A time of day in UTC, to the millisecond.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>A name in snake case as words: <c>client_left</c> becomes <c>client left</c>.</summary>
    public static string Words(string snake) => snake.Replace('_', ' ');
}
