using System.CommandLine;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub totals</c>: the hub in numbers.</summary>
internal static class HubTotalsCommand
{
    public static Command Create(NodeArguments arguments)
    {
        var command = new Command("totals", "Shows the hub in numbers, and the size of its store. Example: netproto hub totals --watch");
        var view = Views.One((node, token) => node.HubTotalsAsync(token), totals => [Grid.Of(Facts.Of(totals))]);
        ReadAction.Set(command, arguments, _ => view, canWatch: true);
        return command;
    }
}
