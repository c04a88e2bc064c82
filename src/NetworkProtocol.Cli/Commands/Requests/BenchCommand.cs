using System.CommandLine;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary><c>bench</c>: measures a server.</summary>
internal sealed class BenchCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Requests;

    public Command Create()
    {
        var command = new Command("bench", "Measures a server. Example: netproto bench localhost:8443 --plain --connections 50 --depth 16");
        var connection = new ConnectionArguments(command);
        var connections = Number("--connections", "Connections at once", 50);
        var depth = Number("--depth", "Requests in flight on each", 16);
        var size = Number("--size", "Bytes of each Echo", 64);
        var duration = Durations.Option("--duration", "How long", TimeSpan.FromSeconds(10));
        var reconnect = new Option<bool>("--reconnect")
        {
            Description = "Clients that reconnect, with one request at a time each: counts failures and the time without an answer",
        };
        var also = new Option<string[]>("--also") { Description = "With --reconnect: one more server address for the clients" };
        var interval = Durations.Option(
            "--interval", "With --reconnect: each client's pause between requests", TimeSpan.FromMilliseconds(50), orZero: true);
        foreach (var option in new Option[] { connections, depth, size, duration, reconnect, also, interval })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => parsed.GetValue(reconnect)
            ? connection.RunAsync(parsed, async (address, options) =>
            {
                string[] addresses = [$"{address}", .. parsed.GetValue(also) ?? []];
                var run = new AvailabilityRun(
                    addresses, options, parsed.GetValue(connections), parsed.GetValue(size), parsed.GetValue(interval)!.Value);
                var result = await run.MeasureAsync(parsed.GetValue(duration)!.Value, cancellationToken);
                connection.Print(parsed, result.Text, result.Fields);
            })
            : connection.RunAsync(parsed, async connect =>
            {
                var servers = await Task.WhenAll(Enumerable.Range(0, parsed.GetValue(connections)).Select(_ => connect()));
                var run = new BenchRun(parsed.GetValue(size));
                var result = await run.MeasureAsync(servers, parsed.GetValue(depth), parsed.GetValue(duration)!.Value, cancellationToken);
                await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
                connection.Print(parsed, result.Text, result.Fields);
            }, cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be 1 or more.");
            }
        });
        return option;
    }
}
