using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Integration.Tests;
using Microsoft.Extensions.Time.Testing;

namespace NetworkProtocol.Client.Tests;

/// <summary>Several servers, some of which accept connections and never answer: Happy Eyeballs (RFC 8305).</summary>
public sealed class RaceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Long = TimeSpan.FromDays(1); // the clock may advance far before a busy machine takes the next step
    private static readonly TimeSpan Little = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ConcurrentQueue<Attempt> _attempts = new();

    [Fact]
    public async Task The_next_server_is_tried_after_a_quarter_of_a_second_and_the_slow_ones_are_cancelled()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var client = CreateClient(
            3, attempt => attempt.Number < 2 ? NeverAsync(attempt) : server.Transport.ConnectAsync(attempt.Token));
        await AdvanceUntilAsync(client.ConnectAsync());
        Assert.Equal([true, true, false], _attempts.Select(attempt => attempt.Token.IsCancellationRequested));
        Assert.All(
            _attempts.Zip(_attempts.Skip(1)),
            pair => Assert.InRange(_time.GetElapsedTime(pair.First.Began, pair.Second.Began), HeadStart, Long / 2));
        Assert.All(client.Breakers, breaker => Assert.Equal(0, breaker.ConsecutiveFailures));
        Assert.Equal(_attempts.Last().Address, Assert.Single(client.Connections).Address);
    }

    [Fact]
    public async Task The_next_server_is_tried_at_once_when_the_last_one_has_failed()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var client = CreateClient(
            10, attempt => attempt.Number < 9 ? throw new IOException("down") : server.Transport.ConnectAsync(attempt.Token));
        await client.ConnectAsync().WaitAsync(Patience); // the clock stands still
        Assert.Equal(10, _attempts.Count);
        Assert.Equal(9, client.Breakers.Sum(breaker => breaker.ConsecutiveFailures));
    }

    [Theory]
    [InlineData(ClientTransport.SecureHandshake)]
    [InlineData(ClientTransport.Tls)]
    public async Task A_server_that_accepts_and_never_answers_is_overtaken_and_its_stream_is_closed(ClientTransport transport)
    {
        var silent = new ConcurrentQueue<GatedStream>();
        await using var server = await MemoryServer.StartAsync();
        await using var client = CreateClient(2, attempt =>
        {
            silent.Enqueue(new GatedStream(open: true));
            return new ValueTask<Stream>(silent.Last());
        }, options => options.Connection.Transport = transport);
        var connecting = client.ConnectAsync();
        await AdvanceUntilAsync(() => silent.Count == 2);
        await client.DisposeAsync();
        await UntilAsync(() => silent.All(stream => stream.IsClosed));
        Assert.False(connecting.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_loses_to_one_that_does()
    {
        await using var server = await TestServer.StartAsync(time: _time); // one clock, as the handshake holds the client's time
        var silent = new GatedStream(open: true);
        await using var client = CreateClient(
            2,
            async attempt =>
            {
                if (attempt.Number == 0)
                {
                    return silent;
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(server.EndPoint, attempt.Token);
                return new NetworkStream(socket, ownsSocket: true);
            },
            options => options.Connection.Transport = ClientTransport.SecureHandshake);
        var connecting = client.ConnectAsync();
        await AdvanceUntilAsync(() => _attempts.Count == 2);
        await connecting.WaitAsync(Patience);
        await UntilAsync(() => silent.IsClosed);
    }

    [Fact]
    public async Task Who_wins_late_is_closed()
    {
        await using var server = await MemoryServer.StartAsync();
        var late = new TaskCompletionSource<Stream>();
        await using var client = CreateClient(
            2, attempt => attempt.Number == 0 ? new(late.Task) : server.Transport.ConnectAsync(attempt.Token));
        await AdvanceUntilAsync(client.ConnectAsync());
        var stream = new GatedStream(open: true);
        late.SetResult(stream);
        await UntilAsync(() => stream.IsClosed);
        Assert.Single(client.Connections);
    }

    [Fact]
    public async Task Servers_that_all_say_nothing_each_have_the_whole_time_and_each_breaker_counts_its_own_failure()
    {
        await using var client = CreateClient(2, NeverAsync, options => options.Connection.ConnectTimeout = TimeSpan.FromSeconds(5));
        var connecting = client.ConnectAsync();
        await UntilAsync(() => !_attempts.IsEmpty); // the clock stands still, so the first limit starts with its attempt
        await AdvanceUntilAsync(() => client.Breakers.All(breaker => breaker.ConsecutiveFailures == 1));
        var began = _attempts.First().Began;
        var ended = _attempts.Select(attempt => _time.GetElapsedTime(began, attempt.Began) + attempt.Lasted).ToArray();
        Assert.InRange(ended[0], TimeSpan.FromSeconds(5), Long);
        Assert.InRange(ended[1], HeadStart + TimeSpan.FromSeconds(5), Long);
        Assert.Contains("within 00:00:05", client.Breakers[0].LastError!.Message, StringComparison.Ordinal);
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ProtocolClientException>(() => connecting);
    }

    [Fact]
    public async Task A_dial_that_heeds_no_token_holds_up_neither_the_time_limit_nor_the_next_server()
    {
        var options = new ConnectionOptions
        {
            Dial = (_, _) => new(new TaskCompletionSource<Stream>().Task),
            ConnectTimeout = TimeSpan.FromMilliseconds(50),
        };
        var error = await Assert.ThrowsAsync<ProtocolClientException>(
            () => ProtocolConnection.ConnectAsync(ServerAddress.Parse("memory"), options).WaitAsync(Patience));
        Assert.Equal(ProtocolErrorKind.Timeout, error.Kind);
    }

    [Fact]
    public async Task A_server_that_was_overtaken_is_asked_late_for_a_while()
    {
        await using var server = await MemoryServer.StartAsync();
        string? hole = null;
        await using var client = CreateClient(
            2,
            attempt => attempt.Address.Host == (hole ??= attempt.Address.Host)
                ? NeverAsync(attempt)
                : server.Transport.ConnectAsync(attempt.Token),
            options => options.Pool.MinConnections = 3);
        await AdvanceUntilAsync(client.ConnectAsync());
        Assert.Equal(4, _attempts.Count); // one to the silent server, three to the other
    }

    private ProtocolClient CreateClient(int servers, Func<Attempt, ValueTask<Stream>> dial, Action<ProtocolClientOptions>? configure = null)
    {
        var options = new ProtocolClientOptions
        {
            Addresses = [.. Enumerable.Range(0, servers).Select(i => $"server{i}")],
            WaitTimeout = Long,
            Connection =
            {
                Transport = ClientTransport.None,
                ConnectTimeout = Long,
                RequestTimeout = Long,
                TimeProvider = _time,
                KeepAliveInterval = Timeout.InfiniteTimeSpan,
                Dial = async (address, token) =>
                {
                    var attempt = new Attempt(_attempts.Count, address, _time.GetTimestamp(), token);
                    _attempts.Enqueue(attempt);
                    return await dial(attempt);
                },
            },
        };
        configure?.Invoke(options);
        return new ProtocolClient(options);
    }

    private async ValueTask<Stream> NeverAsync(Attempt attempt)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, attempt.Token);
            throw new UnreachableException();
        }
        finally
        {
            attempt.Lasted = _time.GetElapsedTime(attempt.Began);
        }
    }

    private Task AdvanceUntilAsync(Task task) => AdvanceUntilAsync(() => task.IsCompletedSuccessfully);

    private Task AdvanceUntilAsync(Func<bool> condition) => UntilAsync(() =>
    {
        _time.Advance(Little);
        return condition();
    });

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed record Attempt(int Number, ServerAddress Address, long Began, CancellationToken Token)
    {
        public TimeSpan Lasted { get; set; }
    }
}
