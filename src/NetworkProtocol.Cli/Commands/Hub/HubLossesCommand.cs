using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub losses</c>: what edges have declared as lost.</summary>
internal static class HubLossesCommand
{
    private static readonly Columns<HubLossRow> Columns = new()
    {
        { "at", row => row.At },
        { "source", row => row.Source },
        { "lane", row => row.Lane },
        { "epoch", row => row.Epoch },
        { "first", row => row.First },
        { "count", row => row.Count },
        { "reason", row => row.Reason },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "losses", "Shows the messages that edges have declared as lost, the newest first. Example: netproto hub losses --source edge1");
        var source = HubSourceOption.Create();
        command.Add(source);
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => Views.Slice((node, token) => node.HubLossesAsync(parsed.GetValue(source), paging.Read(parsed), token), Columns),
            canWatch: true);
        return command;
    }
}
