using System.Collections.Concurrent;
using System.Diagnostics;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Runs clients that reconnect while servers come and go, and counts their failures and the times without an answer.</summary>
internal sealed class AvailabilityRun(string[] addresses, ConnectionOptions connection, int clients, int size, TimeSpan interval)
{
    /// <summary>The longest backoff, however long the servers are away: a client with work to do must be back soon after them.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly Message _request = new Message.Echo(new string('x', size));
    private readonly ConcurrentDictionary<ProtocolErrorKind, int> _failures = new();
    private readonly TimeSpan[] _silences = new TimeSpan[clients];
    private readonly LatencySamples _latencies = new();

    public async Task<AvailabilityResult> MeasureAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = Enumerable.Range(0, clients).Select(_ => CreateClient()).ToArray();
        await Task.WhenAll(all.Select(client => client.ConnectAsync(cancellationToken)));
        await Console.Error.WriteLineAsync($"{clients} clients are connected"); // a script that waits for this line can begin
        end.CancelAfter(duration);
        await Task.WhenAll(all.Select((client, index) => WorkAsync(client, index, end.Token)));
        await Task.WhenAll(all.Select(client => client.DisposeAsync().AsTask()));
        return new AvailabilityResult(_failures, _latencies.Count, new OrderedTimes(_silences), _latencies.Order());
    }

    private ProtocolClient CreateClient() => new(new ProtocolClientOptions
    {
        Addresses = addresses,
        Connection = connection,
        Pool = { MaxConnections = 1 },
        Reconnect = { MaxDelay = LongestDelay },
        Breaker = { BreakDuration = LongestDelay },
    });

    private async Task WorkAsync(ProtocolClient client, int index, CancellationToken end)
    {
        var answered = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            var sent = Stopwatch.GetTimestamp();
            try
            {
                await client.RequestAsync(_request, CancellationToken.None);
                var now = Stopwatch.GetTimestamp();
                _latencies.Add(Stopwatch.GetElapsedTime(sent, now));
                NoteSilence(index, Stopwatch.GetElapsedTime(answered, now));
                answered = now;
            }
            catch (ProtocolClientException e)
            {
                if (_failures.AddOrUpdate(e.Kind, 1, (_, count) => count + 1) == 1)
                {
                    await Console.Error.WriteLineAsync($"netproto: the first {e.Kind}: {Printable.Of(e.Message)}");
                }
            }

            await Task.Delay(interval, end).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        NoteSilence(index, Stopwatch.GetElapsedTime(answered)); // counts a client that never came back
    }

    private void NoteSilence(int index, TimeSpan silence) => _silences[index] = silence > _silences[index] ? silence : _silences[index];
}
