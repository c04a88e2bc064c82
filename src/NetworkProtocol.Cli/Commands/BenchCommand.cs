using System.CommandLine;
using System.Diagnostics;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands;

internal static class BenchCommand
{
    /// <summary>Latencies kept for the percentiles; beyond it each newcomer takes a random place.</summary>
    private const int SampleCapacity = 100_000;

    public static Command Create()
    {
        var command = new Command("bench", "Measures a server. Example: netproto bench localhost:8443 --plain --connections 50 --depth 16");
        var connection = new ConnectionArguments(command);
        var connections = Number("--connections", "Connections at once", 50);
        var depth = Number("--depth", "Requests in flight on each", 16);
        var size = Number("--size", "Bytes of each Echo", 64);
        var duration = new Option<TimeSpan>("--duration") { Description = "hh:mm:ss", DefaultValueFactory = _ => TimeSpan.FromSeconds(10) };
        foreach (var option in new Option[] { connections, depth, size, duration })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => connection.RunAsync(parsed, async connect =>
        {
            var run = new Run(parsed.GetValue(size));
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var servers = await Task.WhenAll(Enumerable.Range(0, parsed.GetValue(connections)).Select(_ => connect()));
            var started = Stopwatch.GetTimestamp();
            end.CancelAfter(parsed.GetValue(duration));
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
        private readonly long[] _samples = new long[SampleCapacity];
        private long _count;

        public long Count => Volatile.Read(ref _count);

        public async Task WorkAsync(ProtocolConnection server, CancellationToken end)
        {
            while (!end.IsCancellationRequested)
            {
                var started = Stopwatch.GetTimestamp();
                await server.RequestAsync(_request, CancellationToken.None);
                var took = Stopwatch.GetTimestamp() - started;
                var index = Interlocked.Increment(ref _count) - 1;
                _samples[index < SampleCapacity ? index : Random.Shared.NextInt64(SampleCapacity)] = took;
            }
        }

        public (double Rate, double P50, double P90, double P99, double Max) Summarize(double seconds)
        {
            var sorted = _samples[..(int)Math.Min(Count, SampleCapacity)];
            Array.Sort(sorted);
            double At(double share) => sorted.Length == 0 ? 0
                : sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)] * 1000.0 / Stopwatch.Frequency;
            return (Count / seconds, At(0.5), At(0.9), At(0.99), At(1));
        }
    }
}
