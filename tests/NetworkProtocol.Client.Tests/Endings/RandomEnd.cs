using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>
/// A client with thousands of requests in flight whose connections end while the answers come. The seed decides everything that is random.
/// </summary>
internal sealed class RandomEnd : IAsyncDisposable
{
    private const int Callers = 4;
    private const int Requests = 2500;
    private const int MostBytesBefore = Callers * Requests * 10; // of about 15 bytes a request on each of two connections
    private const string Same = "SAME"; // answered with the request itself
    private const string Sent = "SENT"; // sent without waiting for an answer, and answered

    private static readonly TimeSpan Leap = TimeSpan.FromHours(2);

    private readonly Tally _tally;
    private readonly Random _random;
    private readonly Ending _ending;
    private readonly FakeTimeProvider? _time;
    private readonly ProtocolClient _client;
    private readonly ConcurrentQueue<AnsweringStream> _streams = new();
    private readonly ManualResetEventSlim _reached = new();
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _areAllAsked;

    public RandomEnd(int seed, Tally tally)
    {
        (_random, _tally) = (new Random(seed), tally);
        _ending = _random.GetItems(Enum.GetValues<Ending>(), 1)[0];
        _time = _ending is Ending.KeepAlive or Ending.Evict ? new FakeTimeProvider(TimeProvider.System.GetUtcNow()) : null;
        _client = CreateClient(_random.Next(MostBytesBefore));
    }

    public async Task RunAsync()
    {
        await _client.ConnectAsync();
        var connections = _client.Connections;
        var seeds = Enumerable.Range(0, Callers).Select(_ => _random.Next()).ToArray();
        var asked = await Task.WhenAll(seeds.Select(seed => Task.Run(() => Ask(new Random(seed)))));
        var ending = Task.Factory
            .StartNew(() => EndAsync(connections), default, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .Unwrap();
        LetAllGo();
        await ending;
        await AdvanceUntilAsync(Task.WhenAll(asked.SelectMany(some => some)));
        await _client.DisposeAsync();
        await LookForStraysAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _giveUp.Dispose();
        _reached.Dispose();
    }

    private ProtocolClient CreateClient(int bytesBefore) => new(new ProtocolClientOptions
    {
        Addresses = ["memory"],
        Connection =
        {
            Transport = ClientTransport.None,
            TimeProvider = _time ?? TimeProvider.System,
            MaxRequestsInFlight = Callers * Requests,
            RequestTimeout = _random.Next(2) == 0 ? 100 * Leap : Leap / 2,
            KeepAliveInterval = _ending == Ending.Evict ? Timeout.InfiniteTimeSpan : Leap / 10,
            Dial = (_, _) => new(Dial(bytesBefore)),
        },
        Pool = { MinConnections = 2, MaxConnections = 2, Lifetime = _ending == Ending.Evict ? Leap / 2 : Timeout.InfiniteTimeSpan },
        Breaker = { FailureThreshold = 1000 },
        MaxSends = 1,
    });

    private AnsweringStream Dial(int bytesBefore)
    {
        var stream = new AnsweringStream(_reached, bytesBefore);
        _streams.Enqueue(stream);
        if (_areAllAsked)
        {
            stream.LetGo();
            stream.LetGoAgain();
        }

        return stream;
    }

    /// <summary>Makes all requests without waiting for answers, which are held back, so that all requests are in flight at once.</summary>
    private Task[] Ask(Random random)
    {
        var asked = new Task[Requests];
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] = AskAsync(random, $"{random.Next():x}{i}");
        }

        return asked;
    }

    private Task AskAsync(Random random, string text)
    {
        var token = random.Next(10) == 0 ? _giveUp.Token : CancellationToken.None;
        Message asked = random.Next(8) switch
        {
            0 => Message.Ping.Instance,
            1 or 2 => new Message.Custom(Same, Encoding.UTF8.GetBytes(text)),
            _ => new Message.Echo(text),
        };
        return random.Next(200) == 0
            ? Record.ExceptionAsync(async () => await _client.SendAsync(new Message.Custom(Sent, Encoding.UTF8.GetBytes(text)), token))
            : _tally.CheckAsync(asked, _client.RequestAsync(asked, token));
    }

    private void LetAllGo()
    {
        _areAllAsked = true;
        foreach (var stream in _streams)
        {
            stream.LetGo();
        }
    }

    /// <summary>Ends the connections. It has a thread of its own, so that it runs in time also on a busy machine.</summary>
    private async Task EndAsync(IReadOnlyList<ProtocolConnection> connections)
    {
        _reached.Wait();
        foreach (var stream in _streams)
        {
            stream.LetGoAgain(); // from now on answers come while the connections end
        }

        var ends = _ending switch
        {
            Ending.DisposeConnection => connections.Select(connection => connection.DisposeAsync().AsTask()),
            Ending.DisposeClient => [_client.DisposeAsync().AsTask()],
            Ending.FailWrites => _streams.Select(stream => Break(stream.FailWrites)),
            Ending.FailReads => _streams.Select(stream => Break(stream.FailReads)),
            Ending.CloseStream => _streams.Select(stream => Break(stream.Dispose)),
            _ => connections.Select(connection => AdvanceUntilAsync(connection.Closed)),
        };
        await Task.WhenAll([.. ends, _giveUp.CancelAsync()]);
    }

    // The client notices a failing write only when it writes.
    private async Task Break(Action fault)
    {
        fault();
        await Record.ExceptionAsync(async () => await _client.SendAsync(Message.Ping.Instance));
    }

    // Requests that were never sent go over another connection, which the client makes when the clock has advanced.
    private async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            _time?.Advance(Leap);
            await (_time is null ? task : Task.WhenAny(task, Task.Delay(1)));
        }

        await task;
    }

    private async Task LookForStraysAsync()
    {
        await foreach (var message in _client.ReadAllAsync())
        {
            if (message is not Message.Custom { Command: Sent })
            {
                _tally.Foreign.Enqueue($"{message}, returned as a message that answers no request");
            }
        }
    }
}
