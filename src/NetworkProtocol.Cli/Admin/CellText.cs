using System.Globalization;
using System.Text.Json;

namespace NetworkProtocol.Cli.Admin;

/// <summary>A value of the JSON in words: as it is for scripts, with units for people, harmless for both.</summary>
internal static class CellText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Of(string name, JsonElement value, bool people) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => Text(value, people),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(item => Of(name, item, people))),
        JsonValueKind.Number when people => Number(name, value.GetDouble()),
        _ => Printable.Of(value.GetRawText()),
    };

    private static string Text(JsonElement value, bool people) => Printable.Of(
        people && value.TryGetDateTimeOffset(out var time) ? time.ToString("u", CultureInfo.InvariantCulture) : value.GetString()!);

    private static string Number(string name, double value) =>
        name.EndsWith("Seconds", StringComparison.Ordinal) ? Duration(TimeSpan.FromSeconds(value))
        : name.EndsWith("Milliseconds", StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"{value:0.###} ms")
        : name[(name.LastIndexOf('.') + 1)..].StartsWith("bytes", StringComparison.Ordinal) ? Bytes(value)
        : value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Duration(TimeSpan time) => time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#}s")
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
