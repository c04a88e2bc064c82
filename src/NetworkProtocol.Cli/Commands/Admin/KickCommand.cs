using System.CommandLine;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class KickCommand
{
    public static Command Create()
    {
        var command = new Command(
            "kick",
            "Ends one connection, or all that match. Examples: netproto kick node-1/42, netproto kick --address 192.0.2.0/24 --rate 50");
        var key = new Argument<string?>("key") { Description = ConnectionPath.Description, Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All connections; needed when there is no filter" };
        var rate = new Option<int>("--rate") { Description = "How many a second", DefaultValueFactory = _ => 100 };
        var stop = new Option<bool>("--stop") { Description = "Stop an earlier kick: connections that were not asked to leave yet stay open" };
        var yes = new Option<bool>("--yes") { Description = "Do not ask for confirmation; required without a terminal" };
        command.Add(key);
        foreach (var option in new Option[] { all, rate, stop, yes })
        {
            command.Add(option);
        }

        var filter = ConnectionFilterOptions.ForOpen(command);
        new AdminArguments(command).SetAction(command, (client, printer, parsed, cancellationToken) =>
            (parsed.GetValue(key), parsed.GetValue(all), Filtered: !filter.IsEmpty(parsed)) switch
            {
                (null, false, false) when parsed.GetValue(stop) => StopAsync(client, printer, cancellationToken),
                ({ } one, false, false) => EndOneAsync(client, printer, one, cancellationToken),
                (null, true, false) or (null, false, true) =>
                    EndMatchingAsync(client, printer, filter, parsed, parsed.GetValue(rate), parsed.GetValue(yes), cancellationToken),
                (null, false, false) => throw AdminException.Usage("which connections? Give a key, filters such as --address, or --all"),
                _ => throw AdminException.Usage("a key, filters and --all exclude each other"),
            });
        return command;
    }

    private static async Task EndOneAsync(AdminClient client, Printer printer, string key, CancellationToken cancellationToken) =>
        printer.PrintOutcome(await client.SendAsync(HttpMethod.Delete, ConnectionPath.Of(key), null, cancellationToken));

    private static async Task StopAsync(AdminClient client, Printer printer, CancellationToken cancellationToken) =>
        printer.PrintOutcome(await client.SendAsync(HttpMethod.Delete, "connections/disconnect", null, cancellationToken));

    private static async Task EndMatchingAsync(
        AdminClient client, Printer printer, ConnectionFilterOptions filter, ParseResult parsed, int rate, bool yes, CancellationToken cancellationToken)
    {
        if (!yes && Console.IsInputRedirected)
        {
            throw AdminException.Usage("there is no terminal to ask at: give --yes");
        }

        var matching = await client.GetAsync(AdminClient.Path("connections", [.. filter.Query(parsed), ("size", "1")]), cancellationToken);
        var count = matching.Root.GetProperty("total").GetInt32();
        if (count == 0)
        {
            throw AdminException.Failed("no connection matches");
        }

        if (!yes && !await Keyboard.ConfirmAsync($"{count} connections match. End them, {rate} a second?", cancellationToken))
        {
            throw AdminException.Failed("nothing was done");
        }

        printer.PrintOutcome(await client.SendAsync(
            HttpMethod.Post,
            "connections/disconnect",
            new JsonObject { ["filter"] = filter.ToJson(parsed), ["expected"] = count, ["perSecond"] = rate, ["all"] = filter.IsEmpty(parsed) },
            cancellationToken));
    }
}
