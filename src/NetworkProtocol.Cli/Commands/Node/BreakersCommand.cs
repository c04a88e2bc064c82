using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>breakers</c>: shows the circuit breakers, isolates and resets one.</summary>
internal sealed class BreakersCommand : INetprotoCommand
{
    private static readonly Columns<BreakerRow> Columns = new()
    {
        { "name", breaker => breaker.Name },
        { "state", breaker => breaker.State },
        { "failuresInARow", breaker => breaker.FailuresInARow },
        { "nextTrialSeconds", breaker => breaker.NextTrialSeconds },
        { "lastError", breaker => breaker.LastError },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("breakers", "Shows the circuit breakers of the upstreams. Example: netproto breakers --watch");
        var arguments = new NodeArguments(command);
        ReadAction.Set(command, arguments, _ => Views.List((node, token) => node.BreakersAsync(token), Columns), canWatch: true);
        command.Add(CreateChange(
            arguments,
            "isolate",
            "Blocks all requests until the breaker is reset. Example: netproto breakers isolate hub:hub.example:8443",
            (node, breaker, cancellationToken) => node.IsolateAsync(breaker, cancellationToken)));
        command.Add(CreateChange(
            arguments,
            "reset",
            "Allows requests again. Example: netproto breakers reset hub:hub.example:8443",
            (node, breaker, cancellationToken) => node.ResetAsync(breaker, cancellationToken)));
        return command;
    }

    private static Command CreateChange(
        NodeArguments arguments, string verb, string description, Func<INodeActions, string, CancellationToken, Task<Outcome>> change)
    {
        var command = new Command(verb, description);
        var name = new Argument<string>("name") { Description = "The breaker's name, from netproto breakers" };
        command.Add(name);
        arguments.SetAction(command, (node, parsed, cancellationToken) => change(node, parsed.GetValue(name)!, cancellationToken));
        return command;
    }
}
