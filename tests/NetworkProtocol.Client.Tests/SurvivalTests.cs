using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;

namespace NetworkProtocol.Client.Tests;

/// <summary>A client whose server goes away, comes back, or does not work.</summary>
public sealed class SurvivalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_reconnects_and_tells_of_each_change()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        var told = new List<ClientState>();
        client.StateChanged += (_, change) => told.Add(change.State);
        Assert.Equal(ClientState.Idle, client.State);
        var watching = WatchAsync(client, 4);
        await client.RequestAsync(new Message.Ping());
        await dialled.All[0].DisposeAsync();
        await client.Connections[0].Closed.WaitAsync(Patience);
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        ClientState[] expected = [ClientState.Connecting, ClientState.Connected, ClientState.Disconnected, ClientState.Connected];
        Assert.Equal(expected, (await watching.WaitAsync(Patience)).SkipWhile(state => state == ClientState.Idle).Take(4));
        Assert.Equal(expected, told);
    }

    [Fact]
    public async Task A_listener_that_throws_stops_nothing()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        client.StateChanged += (_, _) => throw new InvalidOperationException("an error of the handler");
        client.Breakers[0].Changed += (_, _) => throw new InvalidOperationException("an error of the handler");
        await client.RequestAsync(new Message.Ping());
        await client.Breakers[0].IsolateAsync();
        await client.Breakers[0].ResetAsync();
        await dialled.All[0].DisposeAsync();
        await client.Connections[0].Closed.WaitAsync(Patience);
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Only_idempotent_requests_are_sent_twice()
    {
        var calls = 0;
        DialledConnections dialled = null!;
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("COUNT", async () =>
        {
            if (Interlocked.Increment(ref calls) % 2 == 1)
            {
                await dialled.All[^1].DisposeAsync(); // the answer comes after the end of its connection
            }

            return $"{calls}";
        }));
        dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        var count = new Message.Custom("COUNT", default);
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => client.RequestAsync(count).AsTask().WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Closed, true), (error.Kind, error.MayHaveBeenExecuted));
        Assert.Equal(1, calls);
        calls = 0;
        var answer = (Message.Custom)await client.RequestAsync(count, RequestOptions.Repeatable).AsTask().WaitAsync(Patience);
        Assert.Equal("2", System.Text.Encoding.UTF8.GetString(answer.Payload.Span));
    }

    [Theory]
    [InlineData(WhenDisconnected.Fail)]
    [InlineData(WhenDisconnected.Wait)]
    [InlineData(WhenDisconnected.Buffer)]
    public async Task Without_a_connection_requests_do_as_the_options_say(WhenDisconnected choice)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server) { IsDown = true };
        await using var client = dialled.CreateClient(
            options =>
            {
                options.WhenDisconnected = choice;
                options.WaitTimeout = TimeSpan.FromSeconds(3);
                options.Connection.RequestTimeout = TimeSpan.FromHours(1);
                options.Breaker.FailureThreshold = choice == WhenDisconnected.Buffer ? 2 : 1000;
            },
            time);
        var request = client.RequestAsync(new Message.Echo("hello")).AsTask();
        if (choice == WhenDisconnected.Fail)
        {
            var error = await Assert.ThrowsAsync<ProtocolClientException>(() => request.WaitAsync(Patience));
            Assert.Equal(ProtocolErrorKind.Connect, error.Kind);
            return;
        }

        var later = choice == WhenDisconnected.Wait ? 4 : 20;
        for (var i = 0; i < later; i++)
        {
            await AdvanceAsync(time, TimeSpan.FromSeconds(1));
        }

        if (choice == WhenDisconnected.Wait)
        {
            var error = await Assert.ThrowsAsync<ProtocolClientException>(() => request.WaitAsync(Patience));
            Assert.Equal((ProtocolErrorKind.Timeout, false), (error.Kind, error.MayHaveBeenExecuted));
            return;
        }

        await UntilAsync(() => client.Breakers[0].State == BreakerState.Open, time, TimeSpan.FromMilliseconds(100));
        Assert.False(request.IsCompleted);
        dialled.IsDown = false;
        await client.Breakers[0].ResetAsync();
        await UntilAsync(() => request.IsCompleted, time, TimeSpan.FromMilliseconds(100));
        Assert.Equal(new Message.Echo("hello"), await request);
    }

    [Fact]
    public async Task Five_failed_attempts_open_the_breaker_and_the_first_good_one_closes_it()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server) { IsDown = true };
        await using var client = dialled.CreateClient(
            options => options.WaitTimeout = options.Connection.RequestTimeout = Timeout.InfiniteTimeSpan, time);
        var first = Record.ExceptionAsync(() => client.ConnectAsync());
        var breaker = client.Breakers[0];
        await UntilAsync(() => breaker.State == BreakerState.Open, time, TimeSpan.FromSeconds(1));
        Assert.Equal(5, dialled.Attempts);
        Assert.Equal(ProtocolErrorKind.BreakerOpen, Assert.IsType<ProtocolClientException>(await first.WaitAsync(Patience)).Kind);

        var error = await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(new Message.Ping()));
        Assert.Equal((ProtocolErrorKind.BreakerOpen, false), (error.Kind, error.MayHaveBeenExecuted));
        Assert.InRange(error.RetryAfter!.Value, TimeSpan.FromSeconds(28), TimeSpan.FromSeconds(30));
        var fallback = new Message.Echo("instead");
        Assert.Same(fallback, await client.RequestAsync(new Message.Ping(), new RequestOptions { Fallback = (_, _) => new(fallback) }));
        await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(new Message.Ping()));
        Assert.Equal(5, dialled.Attempts);

        dialled.IsDown = false;
        await AdvanceAsync(time, TimeSpan.FromSeconds(5)); // the longest wait before an attempt
        await UntilAsync(() => client.State == ClientState.Connected, time, TimeSpan.Zero);
        Assert.Equal((6, BreakerState.Closed), (dialled.Attempts, breaker.State));
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()));
    }

    [Fact]
    public async Task Time_outs_on_a_good_connection_open_the_breaker_and_one_request_is_the_trial()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (gate, calls) = (new TaskCompletionSource(), 0);
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            Interlocked.Increment(ref calls);
            await gate.Task;
            return text;
        }));
        await using var client = new DialledConnections(server).CreateClient(
            options =>
            {
                options.Connection.RequestTimeout = TimeSpan.FromSeconds(1);
                options.Connection.KeepAliveInterval = Timeout.InfiniteTimeSpan;
                options.Pool.HealthCheckTimeout = TimeSpan.FromHours(1);
            },
            time);
        await client.ConnectAsync().WaitAsync(Patience);
        var late = Enumerable.Range(0, 5).Select(i => client.RequestAsync(Custom("WAIT", $"{i}")).AsTask()).ToArray();
        await UntilAsync(() => late.All(request => request.IsCompleted), time, TimeSpan.FromMilliseconds(500));
        Assert.Equal(BreakerState.Open, client.Breakers[0].State);
        gate.SetResult();
        await UntilAsync(() => client.Connections[0].RequestsInFlight == 0, time, TimeSpan.Zero);
        await AdvanceAsync(time, TimeSpan.FromSeconds(31));
        var before = calls;
        gate = new TaskCompletionSource();
        var answers = Enumerable.Range(0, 50).Select(i => Record.ExceptionAsync(
            async () => await client.RequestAsync(Custom("WAIT", $"{i}")))).ToArray();
        await UntilAsync(() => answers.Count(answer => answer.IsCompleted) == 49 && calls > before, time, TimeSpan.Zero);
        Assert.Equal(before + 1, calls);
        gate.SetResult();
        var errors = await Task.WhenAll(answers).WaitAsync(Patience);
        Assert.Equal(49, errors.Count(error => error is ProtocolClientException { Kind: ProtocolErrorKind.BreakerOpen }));
        Assert.Equal(BreakerState.Closed, client.Breakers[0].State);
    }

    [Fact]
    public async Task A_new_connection_does_not_close_what_unanswered_requests_have_opened()
    {
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async () => await gate.Task));
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options =>
        {
            options.Connection.RequestTimeout = TimeSpan.FromMilliseconds(100);
            options.Pool.HealthCheckTimeout = TimeSpan.FromMilliseconds(10);
            options.Reconnect.MinDelay = options.Reconnect.MaxDelay = TimeSpan.FromMilliseconds(1);
            options.Breaker.BreakDuration = TimeSpan.FromHours(1);
        });
        await client.ConnectAsync().WaitAsync(Patience);
        var opened = ChangeAsync(client.Breakers[0], BreakerState.Open);
        using var deadline = new CancellationTokenSource(Patience);
        while (!opened.IsCompleted)
        {
            await Record.ExceptionAsync(async () => await client.RequestAsync(Custom("WAIT", ""), deadline.Token));
            deadline.Token.ThrowIfCancellationRequested();
        }

        var before = dialled.All.Length;
        await dialled.All[^1].DisposeAsync();
        while (dialled.All.Length == before || client.State != ClientState.Connected)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(BreakerState.Open, client.Breakers[0].State);
        gate.SetResult();
    }

    [Fact]
    public async Task A_server_whose_breaker_is_open_is_replaced_by_another()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync();
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [$"{first.EndPoint}", $"{second.EndPoint}"],
            Connection = { Transport = ClientTransport.SecureHandshake },
            Pool = { MaxConnections = 1 },
        });
        await client.RequestAsync(new Message.Ping());
        var left = client.Connections[0].Address;
        await client.Breakers.Single(breaker => breaker.Name.EndsWith($"{left}", StringComparison.Ordinal)).IsolateAsync();
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        Assert.NotEqual(left, client.Connections[0].Address);
    }

    [Fact]
    public async Task Isolating_is_not_undone_by_a_connection_that_was_being_made()
    {
        var (dialling, dial) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await MemoryServer.StartAsync();
        await using var client = new DialledConnections(server).CreateClient(options => options.Connection.Dial = async (_, token) =>
        {
            dialling.TrySetResult();
            await dial.Task;
            return await server.Transport.ConnectAsync(token);
        });
        var connecting = Record.ExceptionAsync(() => client.ConnectAsync());
        await dialling.Task.WaitAsync(Patience);
        await client.Breakers[0].IsolateAsync();
        dial.SetResult();
        await connecting.WaitAsync(Patience);
        Assert.Equal(BreakerState.Isolated, client.Breakers[0].State);
    }

    [Fact]
    public async Task A_dialler_that_fails_in_its_own_way_is_asked_again()
    {
        await using var server = await MemoryServer.StartAsync();
        Exception?[] faults = [new TaskCanceledException("its own time-out"), new InvalidOperationException("its own fault"), null];
        var attempts = 0;
        await using var client = new DialledConnections(server).CreateClient(options =>
            options.Connection.Dial = (_, token) =>
                faults[Math.Min(attempts++, 2)] is { } fault ? throw fault : server.Transport.ConnectAsync(token));
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task What_was_executed_once_stays_so_when_the_repetition_finds_no_connection()
    {
        DialledConnections dialled = null!;
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("ONCE", async () =>
        {
            dialled.IsDown = true;
            await dialled.All[^1].DisposeAsync();
        }));
        dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options => options.WaitTimeout = TimeSpan.FromMilliseconds(300));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() =>
            client.RequestAsync(Custom("ONCE", ""), RequestOptions.Repeatable).AsTask().WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Timeout, true), (error.Kind, error.MayHaveBeenExecuted));
    }

    [Fact]
    public async Task Buffered_requests_go_on_when_the_breaker_is_reset()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var client = new DialledConnections(server).CreateClient(options => options.WhenDisconnected = WhenDisconnected.Buffer);
        await client.ConnectAsync().WaitAsync(Patience);
        await client.Breakers[0].IsolateAsync();
        var buffered = Enumerable.Range(0, 20).Select(i => client.RequestAsync(new Message.Echo($"{i}")).AsTask()).ToArray();
        Assert.Equal(20, client.Waiting);
        await client.Breakers[0].ResetAsync();
        await Task.WhenAll(buffered).WaitAsync(TimeSpan.FromSeconds(10)); // well below their timeout of 30 s
    }

    [Fact]
    public async Task Connecting_ends_when_the_minimum_cannot_be_reached_or_the_client_is_disposed()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        ProtocolClient Create(TimeSpan wait) => dialled.CreateClient(options =>
        {
            (options.Pool.MinConnections, options.WaitTimeout) = (2, wait);
            var dial = options.Connection.Dial!;
            options.Connection.Dial = (address, token) =>
            {
                dialled.IsDown = dialled.All.Length > 0;
                return dial(address, token);
            };
        });
        await using var first = Create(TimeSpan.FromMilliseconds(300));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => first.ConnectAsync().WaitAsync(Patience));
        Assert.Equal(ProtocolErrorKind.Timeout, error.Kind);
        var second = Create(Timeout.InfiniteTimeSpan);
        var connecting = Record.ExceptionAsync(() => second.ConnectAsync());
        await second.DisposeAsync();
        Assert.Equal(ProtocolErrorKind.Closed, Assert.IsType<ProtocolClientException>(await connecting.WaitAsync(Patience)).Kind);
    }

    [Fact]
    public async Task A_request_whose_token_is_cancelled_already_is_not_sent()
    {
        var calls = 0;
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("COUNT", () => $"{++calls}"));
        await using var client = new DialledConnections(server).CreateClient();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await client.RequestAsync(Custom("COUNT", ""), new CancellationToken(canceled: true)));
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()));
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_server_that_sends_Disconnect_is_replaced_at_once_by_another()
    {
        await using var first = await TestServer.StartAsync();
        await using var second = await TestServer.StartAsync();
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [$"{first.EndPoint}", $"{second.EndPoint}"],
            Connection = { Transport = ClientTransport.SecureHandshake },
            Reconnect = { MinDelay = TimeSpan.FromMinutes(5), MaxDelay = TimeSpan.FromMinutes(10) },
        });
        await client.RequestAsync(new Message.Ping());
        var stopping = client.Connections[0].Address.Port == first.EndPoint.Port ? first : second;
        await stopping.StopAsync();
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        Assert.NotEqual(stopping.EndPoint.Port, client.Connections[0].Address.Port);
    }

    [Fact]
    public async Task A_real_server_stopped_and_started_opens_and_closes_the_breaker()
    {
        var server = await TestServer.StartAsync();
        var port = server.EndPoint.Port;
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [$"127.0.0.1:{port}"],
            Connection = { Transport = ClientTransport.SecureHandshake },
            Reconnect = { MinDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(20) },
            Breaker = { BreakDuration = TimeSpan.FromMilliseconds(500) },
        });
        await client.RequestAsync(new Message.Ping());
        var opened = ChangeAsync(client.Breakers[0], BreakerState.Open);
        var closed = ChangeAsync(client.Breakers[0], BreakerState.Closed);
        await server.DisposeAsync();
        await opened.WaitAsync(Patience);
        await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(new Message.Ping()));
        await using var again = await TestServer.StartAsync(new() { ["Listen"] = $"127.0.0.1:{port}" });
        await closed.WaitAsync(Patience);
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task It_gives_up_when_told_to()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server) { IsDown = true };
        await using var client = dialled.CreateClient(options =>
        {
            options.Reconnect.MaxAttempts = 3;
            options.Reconnect.MinDelay = options.Reconnect.MaxDelay = TimeSpan.FromMilliseconds(1);
        });
        var error = await Assert.ThrowsAsync<ProtocolClientException>(
            () => client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Closed, ClientState.Closed, 3), (error.Kind, client.State, dialled.Attempts));
    }

    private static async Task<List<ClientState>> WatchAsync(ProtocolClient client, int changes)
    {
        var seen = new List<ClientState>();
        await foreach (var change in client.WatchAsync())
        {
            seen.Add(change.State);
            if (seen.Count(state => state != ClientState.Idle) == changes)
            {
                break;
            }
        }

        return seen;
    }

    private static Task ChangeAsync(CircuitBreaker breaker, BreakerState state)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        breaker.Changed += (_, change) => _ = change.To == state && changed.TrySetResult();
        return changed.Task;
    }

    private static async Task UntilAsync(Func<bool> condition, FakeTimeProvider time, TimeSpan step)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await AdvanceAsync(time, step);
        }
    }

    /// <summary>Advances the clock, and lets everything that waits for it run.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider time, TimeSpan step)
    {
        time.Advance(step);
        for (var i = 0; i < 20; i++)
        {
            await Task.Yield();
        }
    }

    private static Message.Custom Custom(string command, string text) => new(command, System.Text.Encoding.UTF8.GetBytes(text));
}
