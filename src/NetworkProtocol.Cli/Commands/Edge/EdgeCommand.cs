using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;

namespace NetworkProtocol.Cli.Commands.Edge;

/// <summary><c>edge</c>: the buffer and the uplink of an edge.</summary>
internal sealed class EdgeCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Edge;

    public Command Create()
    {
        var command = new Command("edge", "Shows and changes the buffer and the uplink of an edge. Example: netproto edge status --watch");
        var arguments = new NodeArguments(command);
        command.Add(EdgeStatusCommand.Create(arguments));
        command.Add(CreateChange(
            arguments,
            "flush",
            "Sends what is in the buffer now, without waits and without the limit for a backlog. Example: netproto edge flush",
            (node, token) => node.FlushEdgeAsync(token)));
        command.Add(CreateChange(
            arguments,
            "pause",
            "Pauses the uplink until it is resumed or the server restarts. The edge goes on taking messages. Example: netproto edge pause",
            (node, token) => node.PauseEdgeAsync(token)));
        command.Add(CreateChange(
            arguments, "resume", "Resumes the uplink. Example: netproto edge resume", (node, token) => node.ResumeEdgeAsync(token)));
        command.Add(EdgeDiscardCommand.Create(arguments));
        return command;
    }

    private static Command CreateChange(
        NodeArguments arguments, string verb, string description, Func<INodeActions, CancellationToken, Task<Outcome>> change)
    {
        var command = new Command(verb, description);
        arguments.SetAction(command, (node, _, cancellationToken) => change(node, cancellationToken));
        return command;
    }
}
