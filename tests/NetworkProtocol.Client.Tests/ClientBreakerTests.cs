using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;
using static NetworkProtocol.Client.Tests.ClientSteps;

namespace NetworkProtocol.Client.Tests;

/// <summary>The circuit breakers of a client's servers: what opens them, and what closes them.</summary>
public sealed class ClientBreakerTests
{
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
}
