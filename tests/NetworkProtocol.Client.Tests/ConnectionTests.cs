using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;

namespace NetworkProtocol.Client.Tests;

/// <summary>One connection: the order of answers, cancellation, timeouts, backpressure and the end.</summary>
public sealed class ConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Many_tasks_each_get_their_own_answer()
    {
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("UPPER", (string text) => text.ToUpperInvariant()));
        await using var connection = await server.ConnectAsync(options => options.MaxRequestsInFlight = 50);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var text = $"caller {caller} request {i}";
                Assert.Equal(new Message.Echo(text), await connection.RequestAsync(new Message.Echo(text)));
                Assert.Equal(Custom("UPPER", text.ToUpperInvariant()), await connection.RequestAsync(Custom("UPPER", text)));
                Assert.IsType<Message.Pong>(await connection.RequestAsync(new Message.Ping()));
            }
        }))).WaitAsync(Patience);
        Assert.Equal(0, connection.RequestsInFlight);
    }

    [Fact]
    public async Task A_cancelled_request_never_shifts_the_answers_of_others()
    {
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            await gate.Task;
            return text;
        }));
        await using var connection = await server.ConnectAsync();
        using var giveUp = new CancellationTokenSource();
        var first = connection.RequestAsync(Custom("WAIT", "first"), giveUp.Token).AsTask();
        var second = connection.RequestAsync(Custom("WAIT", "second")).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(Custom("WAIT", "second"), await second.WaitAsync(Patience));
        Assert.Equal(Custom("WAIT", "third"), await connection.RequestAsync(Custom("WAIT", "third")).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_request_that_times_out_leaves_the_connection_and_its_late_answer_is_nobody_elses()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (gate, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            asked.TrySetResult();
            await gate.Task;
            return text;
        }));
        await using var connection = await server.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromSeconds(2), time);
        var late = connection.RequestAsync(Custom("WAIT", "late")).AsTask();
        await asked.Task.WaitAsync(Patience);
        time.Advance(TimeSpan.FromSeconds(3));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => late.WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Timeout, true), (error.Kind, error.MayHaveBeenExecuted));
        gate.SetResult();
        Assert.Equal(Custom("WAIT", "next"), await connection.RequestAsync(Custom("WAIT", "next")).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task A_command_that_answers_nothing_does_not_take_the_next_answer()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await MemoryServer.StartAsync(
            app => app.MapCommand("QUIET", (string text) => text == "quiet" ? null : text));
        await using var connection = await server.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromSeconds(2), time);
        var quiet = connection.RequestAsync(Custom("QUIET", "quiet")).AsTask();
        Assert.IsType<Message.Pong>(await connection.RequestAsync(new Message.Ping()));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => quiet.WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Protocol, true), (error.Kind, error.MayHaveBeenExecuted));
        Assert.Equal(Custom("QUIET", "loud"), await connection.RequestAsync(Custom("QUIET", "loud")));
    }

    [Fact]
    public async Task Answers_to_what_was_only_sent_are_nobodys_and_can_be_read()
    {
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("SAME", (string text) => text));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Custom("SAME", "sent"));
        await connection.SendAsync(Custom("NOBODY", "sent"));
        Assert.Equal(Custom("SAME", "asked"), await connection.RequestAsync(Custom("SAME", "asked")));
        var unasked = connection.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await unasked.MoveNextAsync());
        Assert.Equal(Custom("SAME", "sent"), unasked.Current);
        Assert.True(await unasked.MoveNextAsync());
        Assert.Equal(Message.Custom.Error("Unknown command: NOBODY"), unasked.Current);
    }

    [Fact]
    public async Task A_Ping_that_was_only_sent_shifts_nothing()
    {
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("SAME", (string text) => text));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(new Message.Ping());
        await connection.SendAsync(Custom("SAME", "sent"));
        await connection.SendAsync(new Message.Ping());
        await connection.SendAsync(Custom("SAME", "sent"));
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(Custom("SAME", $"{i}"), await connection.RequestAsync(Custom("SAME", $"{i}")));
        }
    }

    [Fact]
    public async Task An_answer_to_a_later_request_tells_that_an_earlier_one_has_none()
    {
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("QUIET", (string _) => (string?)null));
        await using var connection = await server.ConnectAsync();
        var quiet = connection.RequestAsync(Custom("QUIET", "")).AsTask();
        Assert.Equal(new Message.Echo("loud"), await connection.RequestAsync(new Message.Echo("loud")).AsTask().WaitAsync(Patience));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => quiet);
        Assert.Equal((ProtocolErrorKind.Protocol, true), (error.Kind, error.MayHaveBeenExecuted));
    }

    [Fact]
    public async Task An_error_answer_is_a_remote_error_with_the_servers_words()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<ProtocolClientException>(async () => await connection.RequestAsync(Custom("NOBODY", "")));
        Assert.Equal((ProtocolErrorKind.Remote, "Unknown command: NOBODY", false), (error.Kind, error.Message, error.MayHaveBeenExecuted));
        Assert.Equal(new Message.Echo("still"), await connection.RequestAsync(new Message.Echo("still")));
    }

    [Fact]
    public async Task Requests_beyond_the_limit_wait_for_their_turn()
    {
        var (running, most) = (0, 0);
        var gate = new TaskCompletionSource();
        var seen = new ConcurrentQueue<string>();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async (string text) =>
        {
            seen.Enqueue(text);
            most = Math.Max(most, Interlocked.Increment(ref running));
            await gate.Task;
            Interlocked.Decrement(ref running);
            return text;
        }));
        await using var connection = await server.ConnectAsync(options => options.MaxRequestsInFlight = 3);
        var requests = Enumerable.Range(0, 20).Select(i => connection.RequestAsync(Custom("WAIT", $"{i}")).AsTask()).ToArray();
        Assert.Equal(3, connection.RequestsInFlight);
        gate.SetResult();
        await Task.WhenAll(requests).WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}").Order(), seen.Order());
    }

    [Fact]
    public async Task When_the_server_stops_requests_end_at_once_with_what_became_of_them()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.RequestAsync(new Message.Ping());
        await server.StopAsync();
        Assert.Equal(ProtocolErrorKind.Closed, (await connection.Closed.WaitAsync(Patience)).Kind);
        var error = await Assert.ThrowsAsync<ProtocolClientException>(async () => await connection.RequestAsync(new Message.Ping()));
        Assert.Equal((ProtocolErrorKind.Closed, false), (error.Kind, error.MayHaveBeenExecuted));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_taken_for_dead()
    {
        var time = new FakeTimeProvider();
        var (client, _) = Pipes.Create();
        await using var connection = await ProtocolConnection.ConnectAsync(ServerAddress.Parse("memory"), new ConnectionOptions
        {
            Transport = ClientTransport.None,
            Dial = (_, _) => new(client),
            TimeProvider = time,
            RequestTimeout = Timeout.InfiniteTimeSpan,
            KeepAliveInterval = TimeSpan.FromSeconds(5),
        });
        var request = connection.RequestAsync(new Message.Echo("anyone?")).AsTask();
        for (var i = 0; i < 40; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
        }

        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => request.WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Closed, true), (error.Kind, error.MayHaveBeenExecuted));
        Assert.Contains("considered dead", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pings_keep_it_alive_and_tell_the_round_trip_time()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await MemoryServer.StartAsync();
        await using var connection = await server.ConnectAsync(options => options.KeepAliveInterval = TimeSpan.FromSeconds(5), time);
        Assert.Null(connection.RoundTripTime);
        time.Advance(TimeSpan.FromSeconds(6));
        using var deadline = new CancellationTokenSource(Patience);
        while (connection.RoundTripTime is null)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Disposing_twice_and_while_requests_wait_is_fine()
    {
        var gate = new TaskCompletionSource();
        await using var server = await MemoryServer.StartAsync(app => app.MapCommand("WAIT", async () => await gate.Task));
        var connection = await server.ConnectAsync();
        var request = connection.RequestAsync(Custom("WAIT", "")).AsTask();
        await Task.WhenAll(connection.DisposeAsync().AsTask(), connection.DisposeAsync().AsTask()).WaitAsync(Patience);
        Assert.Equal(ProtocolErrorKind.Closed, (await Assert.ThrowsAsync<ProtocolClientException>(() => request)).Kind);
        gate.SetResult();
    }

    private static Message.Custom Custom(string command, string text) => new(command, System.Text.Encoding.UTF8.GetBytes(text));
}
