using System.Collections.Concurrent;
using System.Diagnostics;
using NetworkProtocol.Client;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>
/// Clients under load whose server is killed and started again. The tests run alone, because they use the whole processor.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Needs", "Program")]
public sealed class RestartTests
{
    private const int Clients = 200;
    private const int InFlight = 20;
    private const int Restarts = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<ProtocolErrorKind, int> _errors = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly long[] _answers = new long[Clients];
    private long _longest;
    private volatile bool _ended;

    [Fact]
    public async Task Every_request_has_its_answer_or_a_named_error_and_all_clients_come_back()
    {
        var server = await StartAsync("0");
        var port = server.Protocol.Port;
        var clients = Enumerable.Range(0, Clients).Select(_ => CreateClient(port)).ToArray();
        var callers = clients.SelectMany((client, i) => Enumerable.Range(0, InFlight).Select(j => CallAsync(client, i, j))).ToArray();
        for (var restart = 0; restart < Restarts; restart++)
        {
            await AllAnsweredAsync();
            await server.SignalAsync("KILL");
            await server.DisposeAsync();
            server = await StartAsync($"{port}");
        }

        await AllAnsweredAsync();
        _ended = true;
        await Task.WhenAll(callers).WaitAsync(Patience);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask())).WaitAsync(Patience);
        await server.DisposeAsync();
        Assert.Empty(_wrong);
        Assert.All(_errors.Keys, kind => Assert.Contains(
            kind, (ProtocolErrorKind[])[
                ProtocolErrorKind.Closed, ProtocolErrorKind.Connect, ProtocolErrorKind.Handshake,
                ProtocolErrorKind.BreakerOpen, ProtocolErrorKind.Timeout]));
        // Normally clients keep the limit to a tenth, but here the machine is busy.
        Assert.InRange(TimeSpan.FromTicks(_longest), TimeSpan.Zero, RequestTimeout * 1.5);
    }

    private static Task<ServerProcess> StartAsync(string port) => ServerProcess.StartAsync(
        $"--NetworkProtocol:Server:Listen=127.0.0.1:{port}", "--NetworkProtocol:Server:Tls:Mode=Disabled");

    private static ProtocolClient CreateClient(int port) => new(new ProtocolClientOptions
    {
        Addresses = [$"127.0.0.1:{port}"],
        Connection = { Transport = ClientTransport.SecureHandshake, RequestTimeout = RequestTimeout },
        Breaker = { BreakDuration = TimeSpan.FromSeconds(1) },
        Reconnect = { MaxDelay = TimeSpan.FromSeconds(1) }, // the connection ends again before it counts as stable, so the delay would grow
        Pool = { MaxConnections = 1 },
    });

    private async Task CallAsync(ProtocolClient client, int index, int caller)
    {
        for (var i = 0; !_ended; i++)
        {
            // Callers should pause before a retry. Without the pause, 4,000 callers would leave the server no processor time to start.
            await Task.Delay(await AskAsync(client, index, $"client {index} caller {caller} request {i}") ?? Pause);
        }
    }

    private async Task<TimeSpan?> AskAsync(ProtocolClient client, int index, string text)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var answer = await client.RequestAsync(new Message.Echo(text));
            Interlocked.Increment(ref _answers[index]);
            if (answer is not Message.Echo echo || echo.Text != text)
            {
                _wrong.Enqueue($"{text}: {answer}");
            }

            return null;
        }
        catch (ProtocolClientException e)
        {
            _errors.AddOrUpdate(e.Kind, 1, (_, count) => count + 1);
            return e.RetryAfter ?? TimeSpan.FromMilliseconds(10);
        }
        finally
        {
            InterlockedMax(ref _longest, Stopwatch.GetElapsedTime(started).Ticks);
        }
    }

    private async Task AllAnsweredAsync()
    {
        var before = Array.ConvertAll(_answers, count => count);
        using var deadline = new CancellationTokenSource(Patience);
        while (_answers.Where((count, i) => Volatile.Read(ref _answers[i]) == before[i]).Any())
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var found && found == seen ? value : found;
        }
    }
}
