using System.Diagnostics;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Sends an Echo again and again over each connection, and measures the times.</summary>
internal sealed class BenchRun(int size)
{
    private readonly Message _request = new Message.Echo(new string('x', size));
    private readonly LatencySamples _latencies = new();

    /// <summary>Runs so many requests at once on each connection until the end.</summary>
    public async Task<BenchResult> MeasureAsync(
        ProtocolConnection[] servers, int depth, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        end.CancelAfter(duration);
        var progress = ShowProgressAsync(end.Token);
        await Task.WhenAll(servers.SelectMany(server => Enumerable.Range(0, depth).Select(_ => WorkAsync(server, end.Token))));
        await progress;
        return new BenchResult(_latencies.Count / Stopwatch.GetElapsedTime(started).TotalSeconds, _latencies.Order());
    }

    private async Task WorkAsync(ProtocolConnection server, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            await server.RequestAsync(_request, CancellationToken.None);
            _latencies.Add(Stopwatch.GetElapsedTime(started));
        }
    }

    private async Task ShowProgressAsync(CancellationToken end)
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
                var now = _latencies.Count;
                await Console.Error.WriteLineAsync($"{now - last} messages/s");
                last = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
