using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;

namespace NetworkProtocol.Client.Tests;

/// <summary>The pool: the number of connections, the choice of one, and the callers that wait.</summary>
public sealed class PoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Never_more_than_the_maximum_under_ten_thousand_callers()
    {
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("UPPER", async (string text) =>
        {
            await Task.Yield();
            return text.ToUpperInvariant();
        }));
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options =>
        {
            options.Pool.MaxConnections = 3;
            options.Pool.GrowAtRequests = 10;
            options.Connection.MaxRequestsInFlight = 100;
        });
        await Task.WhenAll(Enumerable.Range(0, 10_000).Select(i => Task.Run(async () =>
            Assert.Equal(Custom("UPPER", $"A{i}"), await client.RequestAsync(Custom("UPPER", $"a{i}")))))).WaitAsync(Patience);
        Assert.Equal(3, dialled.Most);
        Assert.Equal(3, client.Connections.Count);
        Assert.Equal(0, client.Waiting);
    }

    [Fact]
    public async Task Few_callers_share_one_connection()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient();
        var requests = Enumerable.Range(0, 100).Select(async i => await client.RequestAsync(new Message.Echo($"{i}")));
        await Task.WhenAll(requests).WaitAsync(Patience);
        Assert.Equal(1, dialled.Most);
    }

    [Fact]
    public async Task The_minimum_is_made_before_the_first_request_and_kept()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options => options.Pool.MinConnections = 3);
        await client.ConnectAsync().WaitAsync(Patience);
        Assert.Equal(3, client.Connections.Count);
    }

    [Fact]
    public async Task A_connection_killed_in_the_pool_is_not_handed_out()
    {
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options => options.Pool.MinConnections = 2);
        await client.ConnectAsync().WaitAsync(Patience);
        // Read first, because a dead connection is removed from the list.
        var ends = client.Connections.Select(connection => connection.Closed).ToArray();
        await dialled.All[0].DisposeAsync();
        await Task.WhenAny(ends).WaitAsync(Patience);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(new Message.Echo($"{i}"), await client.RequestAsync(new Message.Echo($"{i}")));
        }

        using var deadline = new CancellationTokenSource(Patience);
        while (client.Connections.Any(connection => connection.Closed.IsCompleted))
        {
            await Task.Delay(1, deadline.Token); // the pool learns of the end when this test does, and then removes the connection
        }
    }

    [Fact]
    public async Task The_least_loaded_connection_is_taken()
    {
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            await gate.Task;
            return text;
        }));
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(options => (options.Pool.MinConnections, options.Pool.MaxConnections) = (4, 4));
        await client.ConnectAsync().WaitAsync(Patience);
        var requests = Enumerable.Range(0, 40).Select(i => client.RequestAsync(Custom("WAIT", $"{i}")).AsTask()).ToArray();
        Assert.All(client.Connections, connection => Assert.Equal(10, connection.RequestsInFlight));
        gate.SetResult();
        await Task.WhenAll(requests).WaitAsync(Patience);
    }

    [Fact]
    public async Task Callers_beyond_the_bound_fail_at_once_and_those_within_get_their_turn()
    {
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            await gate.Task;
            return text;
        }));
        await using var client = new DialledConnections(server).CreateClient(options =>
        {
            options.Pool.MaxConnections = 1;
            options.Pool.MaxWaiting = 2;
            options.Connection.MaxRequestsInFlight = 1;
        });
        await client.ConnectAsync().WaitAsync(Patience);
        var served = Enumerable.Range(0, 3).Select(i => client.RequestAsync(Custom("WAIT", $"{i}")).AsTask()).ToArray();
        Assert.Equal(2, client.Waiting);
        var error = await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(Custom("WAIT", "too many")));
        Assert.Equal((ProtocolErrorKind.PoolExhausted, false), (error.Kind, error.MayHaveBeenExecuted));
        gate.SetResult();
        await Task.WhenAll(served).WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_waits_for_a_place_gives_up_in_time_and_leaves_it_to_the_next()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            await gate.Task;
            return text;
        }));
        await using var client = new DialledConnections(server).CreateClient(
            options =>
            {
                options.Pool.MaxConnections = 1;
                options.Connection.MaxRequestsInFlight = 1;
                options.WaitTimeout = TimeSpan.FromSeconds(2);
            },
            time);
        await client.ConnectAsync().WaitAsync(Patience);
        var first = client.RequestAsync(Custom("WAIT", "first")).AsTask();
        var late = client.RequestAsync(Custom("WAIT", "late")).AsTask();
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(ProtocolErrorKind.Timeout, (await Assert.ThrowsAsync<ProtocolClientException>(() => late.WaitAsync(Patience))).Kind);
        var next = client.RequestAsync(Custom("WAIT", "next")).AsTask();
        gate.SetResult();
        Assert.Equal(Custom("WAIT", "next"), await next.WaitAsync(Patience));
        await first;
    }

    [Fact]
    public async Task Idle_connections_beyond_the_minimum_are_closed_and_old_ones_replaced()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await MemoryServer.StartAsync();
        var dialled = new DialledConnections(server);
        await using var client = dialled.CreateClient(
            options =>
            {
                (options.Pool.MaxConnections, options.Pool.GrowAtRequests) = (3, 1);
                options.Pool.IdleLifetime = TimeSpan.FromMinutes(1);
                options.Pool.Lifetime = TimeSpan.FromMinutes(10);
                options.Connection.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            },
            time);
        await UntilAsync(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => await client.RequestAsync(new Message.Echo($"{i}"))));
                return client.Connections.Count == 3;
            },
            time);
        var last = await OnlyOneAsync();
        await UntilAsync(() => Task.FromResult(last.Closed.IsCompleted), time);
        await OnlyOneAsync();
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()));

        async Task<ProtocolConnection> OnlyOneAsync() // one list is read, because the next may be that of a moment without any
        {
            ProtocolConnection? only = null;
            await UntilAsync(() => Task.FromResult((only = client.Connections is [var one] ? one : null) is not null), time);
            return only!;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, FakeTimeProvider time)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private static Message.Custom Custom(string command, string text) => new(command, System.Text.Encoding.UTF8.GetBytes(text));
}
