using System.CommandLine;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class DrainCommand
{
    private const string Path = "drain";

    public static Command Create()
    {
        var command = new Command(
            "drain", "Drains the server: refuses new connections, asks clients to leave, and ends the remaining connections at the deadline. Example: netproto drain --rate 50 --deadline 00:05:00");
        var rate = new Option<int>("--rate") { Description = "How many are asked to leave a second", DefaultValueFactory = _ => 100 };
        var deadline = Durations.Option("--deadline", "When the remaining connections are ended", TimeSpan.FromMinutes(5));
        var undo = new Option<bool>("--undo") { Description = "Undo the drain: accept connections again" };
        var watch = new Option<bool>("--watch") { Description = "Show the progress of the current drain without starting one" };
        var noWait = new Option<bool>("--no-wait") { Description = "Start the drain and do not wait for its end" };
        foreach (var option in new Option[] { rate, deadline, undo, watch, noWait })
        {
            command.Add(option);
        }

        new AdminArguments(command).SetAction(command, async (client, printer, parsed, cancellationToken) =>
        {
            var (undoes, watches, leaves) = (parsed.GetValue(undo), parsed.GetValue(watch), parsed.GetValue(noWait));
            if ((undoes ? 1 : 0) + (watches ? 1 : 0) + (leaves ? 1 : 0) > 1)
            {
                throw AdminException.Usage("--undo, --watch and --no-wait exclude each other");
            }

            if (undoes)
            {
                printer.PrintOutcome(await client.SendAsync(HttpMethod.Delete, Path, null, cancellationToken));
                return;
            }

            var started = watches ? null : await client.SendAsync(HttpMethod.Post, Path, Body(parsed.GetValue(rate), parsed.GetValue(deadline)), cancellationToken);
            if (started is not null && (leaves || !printer.IsJson))
            {
                printer.PrintOutcome(started);
            }

            if (!leaves)
            {
                await new DrainProgress(client, printer).FollowAsync(cancellationToken);
            }
        });
        return command;
    }

    private static JsonObject Body(int rate, TimeSpan? deadline) => new() { ["perSecond"] = rate, ["deadline"] = deadline?.ToString("c") };
}
