using System.Collections;
using System.Globalization;

namespace NetworkProtocol.Cli.Printing;

/// <summary>A value as text: for scripts as the API's JSON has it, for people with units. Neither harms a terminal.</summary>
internal static class CellText
{
    /// <summary>A time as JSON has it: with as many digits after the second as it needs.</summary>
    private const string JsonTime = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz";

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>The text of a value.</summary>
    /// <param name="name">The name of its column, whose end says the unit.</param>
    /// <param name="value">The value; null is an empty text.</param>
    /// <param name="people">Whether people read it.</param>
    public static string Of(string name, object? value, bool people) => value switch
    {
        null => "",
        string text => Printable.Of(text),
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.ToString(people ? "u" : JsonTime, CultureInfo.InvariantCulture),
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(item => Of(name, item, people))),
        IConvertible number when people => Number(name, number.ToDouble(CultureInfo.InvariantCulture)),
        _ => Printable.Of(Convert.ToString(value, CultureInfo.InvariantCulture)!),
    };

    private static string Number(string name, double value) =>
        name.EndsWith("Seconds", StringComparison.Ordinal) ? Duration(TimeSpan.FromSeconds(value))
        : name.EndsWith("Milliseconds", StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"{value:0.###} ms")
        : name[(name.LastIndexOf('.') + 1)..].StartsWith("bytes", StringComparison.Ordinal) ? Bytes(value)
        : value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan time) =>
        time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#}s")
        : time.TotalHours < 1 ? $"{time.Minutes}m {time.Seconds:00}s"
        : time.TotalDays < 1 ? $"{time.Hours}h {time.Minutes:00}m"
        : $"{time.Days}d {time.Hours:00}h";

    private static string Bytes(double value)
    {
        var unit = 0;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }
}
