using System.CommandLine;
using System.Globalization;

namespace NetworkProtocol.Cli;

/// <summary>Options that are durations. A plain number is refused, because .NET reads 30 as thirty days and a user means seconds.</summary>
internal static class Durations
{
    /// <summary>Makes one.</summary>
    public static Option<TimeSpan?> Option(string name, string description, TimeSpan? value = null, bool orZero = false) => new(name)
    {
        Description = description,
        HelpName = "hh:mm:ss",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (TryParse(text, out var span) && (span > TimeSpan.Zero || (orZero && span == TimeSpan.Zero)))
            {
                return span;
            }

            result.AddError($"{name} {text}: must be hh:mm:ss, or d.hh:mm:ss, and {(orZero ? "not less" : "more")} than zero");
            return null;
        },
    };

    // The hours are read apart, because .NET reads 24:00:00 as 24 days: it takes hours up to 23 only.
    private static bool TryParse(string text, out TimeSpan span)
    {
        var parts = text.Split(':');
        if (parts.Length != 3 || parts[0].Contains('.', StringComparison.Ordinal))
        {
            span = default;
            return parts.Length is 2 or 3 && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span);
        }

        var isDuration = ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            & TimeSpan.TryParse($"0:{parts[1]}:{parts[2]}", CultureInfo.InvariantCulture, out span);
        span += TimeSpan.FromHours(hours);
        return isDuration;
    }
}
