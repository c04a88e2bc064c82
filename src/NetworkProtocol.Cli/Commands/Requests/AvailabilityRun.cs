using System.Collections.Concurrent;
using System.Diagnostics;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Clients that go on while servers come and go: what failed, and how long each was without an answer.</summary>
internal sealed class AvailabilityRun(
    string[] addresses, ConnectionOptions connection, int clients, int size, TimeSpan interval)
{
    /// <summary>A client that is at work tries again after this, however long its servers are away.</summary>
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
        await Console.Error.WriteLineAsync($"{clients} clients are connected"); // a script can begin now
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

        NoteSilence(index, Stopwatch.GetElapsedTime(answered)); // one that never came back
    }

    private void NoteSilence(int index, TimeSpan silence) => _silences[index] = silence > _silences[index] ? silence : _silences[index];
}

/// <summary>What <see cref="AvailabilityRun"/> has seen.</summary>
internal sealed class AvailabilityResult(
    IReadOnlyDictionary<ProtocolErrorKind, int> failures, long answered, OrderedTimes silences, OrderedTimes latencies)
{
    private int Failed => failures.Values.Sum();

    /// <summary>One line for a person.</summary>
    public string Text => FormattableString.Invariant(
        $"{answered} answered, {Failed} failed{Kinds}; longest time without an answer: {silences.At(0.5):0} ms for half of the clients, {silences.At(0.99):0} ms for 99 %, {silences.At(1):0} ms for all; p50 {latencies.At(0.5):0.000} ms, p99 {latencies.At(0.99):0.000} ms");

    /// <summary>The same for a script; times are milliseconds.</summary>
    public (string Name, object Value)[] Fields =>
    [
        ("answered", answered), ("failed", Failed), ("failures", failures.ToDictionary(kind => kind.Key.ToString(), kind => kind.Value)),
        ("silenceP50", silences.At(0.5)), ("silenceP99", silences.At(0.99)), ("silenceMax", silences.At(1)),
        ("p50", latencies.At(0.5)), ("p99", latencies.At(0.99)),
    ];

    private string Kinds => Failed == 0 ? "" : $" ({string.Join(", ", failures.Select(kind => $"{kind.Value} {kind.Key}"))})";
}
