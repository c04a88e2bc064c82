using System.CommandLine;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli;

/// <summary>Options that are times.</summary>
internal static class Times
{
    /// <summary>Makes one.</summary>
    public static Option<DateTimeOffset?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (HubTime.TryParse(text, out var time))
            {
                return time;
            }

            result.AddError($"{name} {text}: must be {HubTime.Expected}");
            return null;
        },
    };
}
