using System.CommandLine;
using NetworkProtocol.Cli.Node;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>unban</c>: lifts a ban.</summary>
internal sealed class UnbanCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("unban", "Lifts a ban. Example: netproto unban 1F2E3D4C");
        var id = new Argument<string>("id") { Description = "The ban's id, from netproto bans" };
        command.Add(id);
        new NodeArguments(command).SetAction(
            command, (node, parsed, cancellationToken) => node.UnbanAsync(parsed.GetValue(id)!, cancellationToken));
        return command;
    }
}
