using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>disconnect</c>: ends connections. <c>kick</c> is its old name, which scripts may still use.</summary>
internal sealed class DisconnectCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command(
            "disconnect",
            "Ends one connection, or all that match. "
                + "Examples: netproto disconnect node-1/42, netproto disconnect --address 192.0.2.0/24 --rate 50");
        command.Aliases.Add("kick");
        var key = new Argument<string?>("key") { Description = ConnectionKeys.Description, Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All connections; needed when there is no filter" };
        var rate = new Option<int>("--rate") { Description = "How many a second", DefaultValueFactory = _ => 100 };
        var stop = new Option<bool>("--stop")
        {
            Description = "Stop an earlier disconnect: connections that were not told to disconnect yet stay open",
        };
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation; required without a terminal" };
        command.Add(key);
        foreach (var option in new Option[] { all, rate, stop, yes })
        {
            command.Add(option);
        }

        var filter = ConnectionFilterOptions.ForOpen(command);
        new NodeArguments(command).SetAction(command, async (node, printer, parsed, cancellationToken) =>
        {
            var matching = filter.Read(parsed);
            printer.PrintOutcome(await ((parsed.GetValue(key), parsed.GetValue(all), Filtered: !matching.IsEmpty) switch
            {
                (null, false, false) when parsed.GetValue(stop) => node.StopDisconnectingAsync(cancellationToken),
                ({ } one, false, false) => node.DisconnectAsync(ConnectionKeys.Checked(one), cancellationToken),
                (null, true, false) or (null, false, true) =>
                    DisconnectMatchingAsync(node, matching, parsed.GetValue(rate), parsed.GetValue(yes), cancellationToken),
                (null, false, false) => throw CommandException.Usage("which connections? Give a key, filters such as --address, or --all"),
                _ => throw CommandException.Usage("a key, filters and --all exclude each other"),
            }));
        });
        return command;
    }

    private static async Task<Outcome> DisconnectMatchingAsync(
        HttpNode node, ConnectionFilter filter, int rate, bool yes, CancellationToken cancellationToken)
    {
        if (!yes && Console.IsInputRedirected)
        {
            throw CommandException.Usage("there is no terminal to ask at: give --yes");
        }

        var matching = await node.ConnectionsAsync(filter, new Paging { Size = 1 }, cancellationToken);
        if (matching.Total == 0)
        {
            throw CommandException.Failed("no connection matches");
        }

        var request = new DisconnectRequest(filter, matching.Total, rate, All: filter.IsEmpty);
        return yes || await Keyboard.ConfirmAsync($"{matching.Total} connections match. End them, {rate} a second?", cancellationToken)
            ? await node.DisconnectMatchingAsync(request, cancellationToken)
            : throw CommandException.Failed("nothing was done");
    }
}
