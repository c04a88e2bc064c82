using System.CommandLine;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Cli.Node;

/// <summary>From when to when a hub's data is wanted.</summary>
internal sealed class HubSpanOptions
{
    private readonly Option<DateTimeOffset?> _from = Times.Option("--from", "Not before this time");
    private readonly Option<DateTimeOffset?> _to = Times.Option("--to", "Before this time");

    /// <summary>Adds the options to a command.</summary>
    public HubSpanOptions(Command command)
    {
        command.Add(_from);
        command.Add(_to);
    }

    /// <summary>The time that is asked for.</summary>
    public HubSpan Read(ParseResult parsed) => new(parsed.GetValue(_from), parsed.GetValue(_to));
}
