using System.Text;
using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Client.Tests;

/// <summary>Servers that violate the protocol, and callers that misuse the client.</summary>
public sealed class UnrulyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Time_outs_amid_writing_hold_up_nobody()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync(options =>
        {
            options.RequestTimeout = TimeSpan.FromMilliseconds(1);
            options.MaxRequestsInFlight = 1_000_000;
            options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        });
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var error = await Record.ExceptionAsync(() => Task.WhenAll(
                    Enumerable.Range(0, 500).Select(_ => connection.RequestAsync(new Message.Echo("x")).AsTask())));
                Assert.Equal(ProtocolErrorKind.Timeout, Assert.IsType<ProtocolClientException>(error).Kind);
            }
        }))).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_request_that_times_out_before_it_leaves_does_not_claim_that_it_never_will()
    {
        var server = new GatedStream(open: false);
        await using var connection = await server.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(100));
        _ = Record.ExceptionAsync(async () => await connection.RequestAsync(new Message.Echo("first")));
        var error = await Assert.ThrowsAsync<ProtocolClientException>(
            () => connection.RequestAsync(new Message.Echo("second")).AsTask().WaitAsync(Patience));
        Assert.True(error.MayHaveBeenExecuted);
        server.Open();
        await UntilAsync(() => server.HasSent("second"));
    }

    [Fact]
    public async Task A_message_of_the_servers_own_is_not_taken_for_the_answer_to_a_later_request()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync();
        var first = connection.RequestAsync(Custom("A", "1")).AsTask();
        var second = connection.RequestAsync(Custom("B", "1")).AsTask();
        await server.SayAsync(Custom("B", "of its own"), Custom("A", "a"), Custom("B", "b"));
        Assert.Equal(Custom("A", "a"), await first.WaitAsync(Patience));
        Assert.Equal(Custom("B", "b"), await second.WaitAsync(Patience));
    }

    [Fact]
    public async Task Pings_of_a_server_that_does_not_read_fill_no_memory()
    {
        var server = new GatedStream(open: false);
        await using var connection = await server.ConnectAsync(options => options.MaxUnsentBytes = 1024);
        for (var i = 0; i < 100; i++)
        {
            await server.SayAsync([.. Enumerable.Repeat(Message.Ping.Instance, 1000)]);
        }

        await server.SayAsync(Custom("LAST", ""));
        await foreach (var message in connection.ReadAllAsync())
        {
            Assert.Equal(Custom("LAST", ""), message);
            break;
        }

        server.Open();
        await connection.DisposeAsync();
        Assert.InRange(server.SentBytes, 1, 10 * 1024);
    }

    [Fact]
    public async Task A_request_that_comes_while_the_connection_is_disposed_was_not_executed()
    {
        var server = new GatedStream(open: false);
        var connection = await server.ConnectAsync();
        var disposing = connection.DisposeAsync().AsTask();
        var request = connection.RequestAsync(new Message.Echo("late")).AsTask();
        server.Open();
        var error = await Assert.ThrowsAsync<ProtocolClientException>(() => request.WaitAsync(Patience));
        Assert.Equal((ProtocolErrorKind.Closed, false), (error.Kind, error.MayHaveBeenExecuted));
        await disposing.WaitAsync(Patience);
        Assert.False(server.HasSent("late"));
    }

    [Fact]
    public async Task A_stream_that_does_not_close_ends_nothing_but_itself()
    {
        var server = new GatedStream(open: true) { FailsToClose = true };
        var connection = await server.ConnectAsync(options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(20));
        Assert.Contains("considered dead", (await connection.Closed.WaitAsync(Patience)).Message, StringComparison.Ordinal);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_caller_that_blocks_on_its_request_harms_no_other()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync();
        var blocked = connection.RequestAsync(Custom("A", "1"));
        for (var i = 0; i < 2; i++)
        {
#pragma warning disable CA2012 // the misuse that is tested
            Assert.Throws<InvalidOperationException>(() => blocked.GetAwaiter().GetResult());
#pragma warning restore CA2012
        }

        var other = connection.RequestAsync(Custom("A", "2")).AsTask();
        await server.SayAsync(Custom("A", "first"), Custom("A", "second"));
        Assert.Equal(Custom("A", "second"), await other.WaitAsync(Patience));
        Assert.Equal(Custom("A", "first"), await blocked);
    }

    [Fact]
    public async Task A_message_that_fits_no_packet_leaves_nothing_behind()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Custom("A", "1"));
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await connection.RequestAsync(new Message.Custom("BIG", new byte[17 * 1024 * 1024])));
        Assert.Equal(0, connection.RequestsInFlight);
        var next = connection.RequestAsync(Custom("A", "2")).AsTask();
        await server.SayAsync(Message.Pong.Instance, Custom("A", "two"));
        Assert.Equal(Custom("A", "two"), await next.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_message_that_fits_no_packet_and_was_only_sent_takes_no_answer_from_the_next_request()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(
            async () => await connection.SendAsync(new Message.Custom("BIG", new byte[17 * 1024 * 1024])));
        var next = connection.RequestAsync(Custom("A", "1")).AsTask();
        await server.SayAsync(Custom("A", "one"));
        Assert.Equal(Custom("A", "one"), await next.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_message_of_the_servers_own_takes_no_place_from_a_request_that_was_given_up()
    {
        var server = new GatedStream(open: true);
        await using var connection = await server.ConnectAsync();
        using var giveUp = new CancellationTokenSource();
        var givenUp = connection.RequestAsync(Custom("A", "1"), giveUp.Token).AsTask();
        var second = connection.RequestAsync(Custom("A", "2")).AsTask();
        var third = connection.RequestAsync(Custom("B", "3")).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await server.SayAsync(Custom("B", "of its own"), Custom("A", "one"), Custom("A", "two"), Custom("B", "three"));
        Assert.Equal(Custom("A", "two"), await second.WaitAsync(Patience));
        Assert.Equal(Custom("B", "three"), await third.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_logger_that_throws_leaves_no_request_without_an_end()
    {
        var server = new GatedStream(open: true);
        await using var client = new ProtocolClient(
            new ProtocolClientOptions
            {
                Addresses = ["memory"],
                Connection = { Transport = ClientTransport.None, Dial = (_, _) => new(server) },
            },
            new ThrowingLogger());
        var request = client.RequestAsync(Custom("A", "1")).AsTask();
        await UntilAsync(() => client.Connections is [{ RequestsInFlight: 1 }]);
        await client.Connections[0].DisposeAsync();
        Assert.Equal(ProtocolErrorKind.Closed, (await Assert.ThrowsAsync<ProtocolClientException>(() => request.WaitAsync(Patience))).Kind);
    }

    [Fact]
    public async Task Servers_that_all_say_Disconnect_are_not_stormed()
    {
        var connections = 0;
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = ["first", "second"],
            Reconnect = { MinDelay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(1) },
            WaitTimeout = TimeSpan.FromSeconds(3), // enough for the first attempt, also on a busy machine
            Connection =
            {
                Transport = ClientTransport.None,
                Dial = async (_, _) =>
                {
                    Interlocked.Increment(ref connections);
                    var server = new GatedStream(open: true);
                    await server.SayAsync(Message.Disconnect.Instance);
                    return server;
                },
            },
        });
        await Assert.ThrowsAsync<ProtocolClientException>(async () => await client.RequestAsync(new Message.Echo("anyone?")));
        Assert.InRange(connections, 1, 2);
    }

    [Fact]
    public async Task The_first_callers_context_is_not_needed_by_others()
    {
        await using var server = await MemoryServer.StartAsync();
        await using var client = new DialledConnections(server).CreateClient();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new DeadContext());
            _ = client.RequestAsync(new Message.Ping()).AsTask();
        });
        thread.Start();
        thread.Join();
        Assert.IsType<Message.Pong>(await client.RequestAsync(new Message.Ping()).AsTask().WaitAsync(Patience));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static Message.Custom Custom(string command, string text) => new(command, Encoding.UTF8.GetBytes(text));

    private sealed class ThrowingLogger : ILogger<ProtocolClient>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                throw new IOException("the disk is full");
            }
        }
    }

    /// <summary>A synchronization context that never runs what is posted to it.</summary>
    private sealed class DeadContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
