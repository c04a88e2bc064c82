using System.CommandLine;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>status</c>: the node in numbers.</summary>
internal sealed class StatusCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("status", "Shows the server in numbers. Example: netproto status --watch");
        var view = Views.One((node, token) => node.StatusAsync(token), status => [Grid.Of(Facts.Of(status))]);
        ReadAction.Set(command, new NodeArguments(command), _ => view, canWatch: true);
        return command;
    }
}
