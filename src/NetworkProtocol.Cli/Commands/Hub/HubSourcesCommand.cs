using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub sources</c>: who sends to the hub.</summary>
internal static class HubSourcesCommand
{
    private static readonly Columns<HubSourceRow> Columns = new(
        "name lane lastSeen mark messages lagMessages lagSeconds duplicates lost deadLetters")
    {
        { "name", row => row.Name },
        { "identity", row => row.Identity },
        { "firstSeen", row => row.FirstSeen },
        { "lastSeen", row => row.LastSeen },
        { "lane", row => row.Lane },
        { "epoch", row => row.Epoch },
        { "mark", row => row.Mark },
        { "messages", row => row.Messages },
        { "duplicates", row => row.Duplicates },
        { "lost", row => row.Lost },
        { "deadLetters", row => row.DeadLetters },
        { "lastTime", row => row.LastTime },
        { "lastArrival", row => row.LastArrival },
        { "lagMessages", row => row.LagMessages },
        { "lagSeconds", row => row.LagSeconds },
        { "clockAheadSeconds", row => row.ClockAheadSeconds },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command("sources", "Shows the sources, a row for each lane. Example: netproto hub sources --watch");
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => Views.Slice((node, token) => node.HubSourcesAsync(paging.Read(parsed), token), Columns),
            canWatch: true);
        return command;
    }
}
