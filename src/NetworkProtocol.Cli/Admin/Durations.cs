using System.CommandLine;
using System.Globalization;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Options that are durations. A plain number is refused: .NET reads 30 as thirty days, and nobody means that.</summary>
internal static class Durations
{
    public static Option<TimeSpan?> Option(string name, string description, TimeSpan? value = null) => new(name)
    {
        Description = description,
        HelpName = "hh:mm:ss",
        DefaultValueFactory = _ => value,
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero)
            {
                return span;
            }

            result.AddError($"{name} {text}: must be hh:mm:ss, or d.hh:mm:ss, and more than zero");
            return null;
        },
    };
}
