using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>drain</c>: takes a node out of service.</summary>
internal sealed class DrainCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command(
            "drain",
            "Drains the server: refuses new connections, tells clients to disconnect, and ends the remaining connections at the deadline. "
                + "Example: netproto drain --rate 50 --deadline 00:05:00");
        var rate = new Option<int>("--rate") { Description = "How many are told to disconnect a second", DefaultValueFactory = _ => 100 };
        var deadline = Durations.Option("--deadline", "When the remaining connections are ended", TimeSpan.FromMinutes(5));
        var undo = new Option<bool>("--undo") { Description = "Undo the drain: accept connections again" };
        var watch = new Option<bool>("--watch") { Description = "Show the progress of the current drain without starting one" };
        var noWait = new Option<bool>("--no-wait") { Description = "Start the drain and do not wait for its end" };
        foreach (var option in new Option[] { rate, deadline, undo, watch, noWait })
        {
            command.Add(option);
        }

        new NodeArguments(command).SetAction(command, async (node, printer, parsed, cancellationToken) =>
        {
            var (undoes, watches, waits) = (parsed.GetValue(undo), parsed.GetValue(watch), !parsed.GetValue(noWait));
            if ((undoes ? 1 : 0) + (watches ? 1 : 0) + (waits ? 0 : 1) > 1)
            {
                throw CommandException.Usage("--undo, --watch and --no-wait exclude each other");
            }

            if (undoes)
            {
                printer.PrintOutcome(await node.UndoDrainAsync(cancellationToken));
                return;
            }

            if (!watches)
            {
                var request = new DrainRequest(parsed.GetValue(rate), parsed.GetValue(deadline)!.Value);
                var started = await node.DrainAsync(request, cancellationToken);
                printer.PrintOutcome(started, unlessJson: waits); // with --json the lines of the progress follow, which are other objects
            }

            if (waits)
            {
                await new DrainProgress(node, printer).FollowAsync(cancellationToken);
            }
        });
        return command;
    }
}
