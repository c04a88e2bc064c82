using System.Globalization;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>Numbers as people read them.</summary>
internal static class Shown
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>As <c>3 d 4 h</c> or <c>12 s</c>.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return time.TotalDays >= 1 ? $"{time.Days} d {time.Hours} h"
            : time.TotalHours >= 1 ? $"{time.Hours} h {time.Minutes} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
            : $"{time.Seconds} s";
    }

    /// <summary>As <c>1.2 MiB</c>: 1,024 to each unit, as everywhere in this program.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (bytes >= 1024 && unit < ByteUnits.Length - 1)
        {
            (bytes, unit) = (bytes / 1024, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? bytes.ToString("0", CultureInfo.InvariantCulture) : bytes.ToString("0.0", CultureInfo.InvariantCulture))} {ByteUnits[unit]}");
    }

    /// <summary>As <c>12,345</c>.</summary>
    public static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A rate: with a decimal while it is small.</summary>
    public static string Rate(double number) => number.ToString(number is > 0 and < 10 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    /// <summary>Milliseconds, with three digits that say something.</summary>
    public static string Milliseconds(double? time) => time is { } value ? $"{value.ToString(value < 1 ? "0.000" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture)} ms" : "–";

    /// <summary>In universal time, to the second.</summary>
    public static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>In universal time, to the millisecond.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>Snake case as words: <c>client_left</c> becomes <c>client left</c>.</summary>
    public static string Words(string snake) => snake.Replace('_', ' ');
}
