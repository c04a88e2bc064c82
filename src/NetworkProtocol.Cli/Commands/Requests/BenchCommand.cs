using System.CommandLine;
using System.Diagnostics;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

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
            Description = "Clients that reconnect, with one request at a time each: counts failures, and how long clients are without an answer",
        };
        var also = new Option<string[]>("--also") { Description = "With --reconnect: one more server address for the clients" };
        var interval = Durations.Option("--interval", "With --reconnect: each client's pause between requests", TimeSpan.FromMilliseconds(50), orZero: true);
        foreach (var option in new Option[] { connections, depth, size, duration, reconnect, also, interval })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => parsed.GetValue(reconnect) ? connection.RunAsync(parsed, async (address, options) =>
        {
            var run = new AvailabilityRun(
                [$"{address}", .. parsed.GetValue(also) ?? []], options, parsed.GetValue(connections), parsed.GetValue(size), parsed.GetValue(interval)!.Value);
            var result = await run.MeasureAsync(parsed.GetValue(duration)!.Value, cancellationToken);
            connection.Print(parsed, result.Text, result.Fields);
        }) : connection.RunAsync(parsed, async connect =>
        {
            var run = new Run(parsed.GetValue(size));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var servers = await Task.WhenAll(Enumerable.Range(0, parsed.GetValue(connections)).Select(_ => connect()));
            var started = Stopwatch.GetTimestamp();
            end.CancelAfter(parsed.GetValue(duration)!.Value);
            var progress = ShowProgressAsync(run, end.Token);
            await Task.WhenAll(servers.SelectMany(server =>
                Enumerable.Range(0, parsed.GetValue(depth)).Select(_ => run.WorkAsync(server, end.Token))));
            await progress;
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()));
            var (rate, p50, p90, p99, max) = run.Summarize(seconds);
            connection.Print(
                parsed,
                FormattableString.Invariant($"{rate:0} messages/s, p50 {p50:0.000} ms, p90 {p90:0.000} ms, p99 {p99:0.000} ms, max {max:0.000} ms"),
                ("messagesPerSecond", rate), ("p50", p50), ("p90", p90), ("p99", p99), ("max", max));
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

    private static async Task ShowProgressAsync(Run run, CancellationToken end)
    {
        if (Console.IsErrorRedirected)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            for (var last = 0L; await timer.WaitForNextTickAsync(end);)
            {
                var now = run.Count;
                await Console.Error.WriteLineAsync($"{now - last} messages/s");
                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private sealed class Run(int size)
    {
        private readonly Message _request = new Message.Echo(new string('x', size));
        private readonly LatencySamples _latencies = new();

        public long Count => _latencies.Count;

        public async Task WorkAsync(ProtocolConnection server, CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                var started = Stopwatch.GetTimestamp();
                await server.RequestAsync(_request, CancellationToken.None);
                _latencies.Add(Stopwatch.GetElapsedTime(started));
            }
        }

        public (double Rate, double P50, double P90, double P99, double Max) Summarize(double seconds)
        {
            var ordered = _latencies.Order();
            return (Count / seconds, ordered.At(0.5), ordered.At(0.9), ordered.At(0.99), ordered.At(1));
        }
    }
}
