using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server;
using static NetworkProtocol.Client.Tests.ClientSteps;

namespace NetworkProtocol.Client.Tests;

/// <summary>Requests that are sent again, that wait for a connection, or that are not sent.</summary>
public sealed class RetryTests
{
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
}
