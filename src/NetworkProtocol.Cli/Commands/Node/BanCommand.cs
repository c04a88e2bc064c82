using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>ban</c>: bans clients, and ends their connections.</summary>
internal sealed class BanCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command(
            "ban",
            "Bans an address, a network, a client's name or its certificate, and ends its connections; unban lifts the ban. "
                + "Example: netproto ban 192.0.2.0/24 --reason \"floods us\" --for 01:00:00");
        var target = new Argument<string>("target")
        {
            Description = "An address, a network as 192.0.2.0/24, a client's name as cn:sensor-7, or a client certificate's SHA-256",
        };
        var reason = new Option<string>("--reason") { Description = "The reason, for other operators", Required = true };
        var duration = Durations.Option("--for", "How long the ban lasts; without an end if not given");
        command.Add(target);
        command.Add(reason);
        command.Add(duration);
        new NodeArguments(command).SetAction(command, (node, parsed, cancellationToken) => node.BanAsync(
            new BanRequest(parsed.GetValue(target)!, parsed.GetValue(reason)!, parsed.GetValue(duration)),
            cancellationToken));
        return command;
    }
}
