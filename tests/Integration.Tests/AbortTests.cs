using System.Net.Sockets;
using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Operators;

namespace Integration.Tests;

/// <summary>
/// However a connection with thousands of pipelined commands ends, nothing more is started, and at most one handler runs.
/// </summary>
public sealed class AbortTests
{
    private const int Pipelined = 20_000;

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly TaskCompletionSource _entered = new();
    private readonly TaskCompletionSource _cancelled = new();
    private readonly TaskCompletionSource _release = new();
    private int _begun;
    private int _running;
    private int _most;

    [Theory]
    [InlineData("reset", true)]
    [InlineData("reset", false)]
    [InlineData("close", true)]
    [InlineData("ban", true)]
    [InlineData("ban", false)]
    [InlineData("disconnect", true)]
    [InlineData("disconnect", false)]
    [InlineData("shutdown", true)]
    [InlineData("shutdown", false)]
    public async Task Nothing_more_is_started_once_the_connection_has_ended(string how, bool heedsItsToken)
    {
        await using var server = await StartAsync(heedsItsToken);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: _time.GetUtcNow());
        var sending = SendManyAsync(client);
        await _entered.Task;
        var ending = EndAsync(server, client, how);
        await Eventually.Async(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(server.Registry.Count == 0 && _cancelled.Task.IsCompleted);
        }, () => $"{server.Registry.Count} connections are left; the handler was cancelled: {_cancelled.Task.IsCompleted}");
        _release.TrySetResult();
        await ending;
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref _running) == 0), () => "a handler still runs");
        Assert.Equal((1, 1), (_begun, _most));
        await client.DisposeAsync();
        await sending;
    }

    [Fact]
    public async Task A_command_does_not_run_beside_one_that_ignores_its_time_limit()
    {
        await using var server = await StartAsync(heedsItsToken: false);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: _time.GetUtcNow());
        var sending = SendManyAsync(client);
        await _entered.Task;
        Assert.Equal("Command HOLD took too long", await NextErrorAsync(client));
        Assert.Equal("Command HOLD was not run: the command before it has not ended yet", await NextErrorAsync(client));
        Assert.Equal((1, 1), (_begun, _most));
        _release.SetResult();
        await Eventually.Async(() => Task.FromResult(Volatile.Read(ref _begun) > 1), () => "no command ran after the handler had ended");
        Assert.Equal(1, _most);
        await client.DisposeAsync();
        await sending;
    }

    [Fact]
    public void A_request_is_not_timed_out_for_the_one_before_it()
    {
        var limit = TimeSpan.FromSeconds(30);
        var request = new RequestInFlight(_time);
        Assert.True(request.TryBegin("SLOW", _time.GetTimestamp(), limit, out _));
        _time.Advance(2 * limit);
        var sweep = _time.GetTimestamp();
        request.End();
        Assert.False(request.TryTimeOut(sweep));
        Assert.True(request.TryBegin("NEXT", _time.GetTimestamp(), limit, out var next));
        Assert.False(request.TryTimeOut(sweep));
        Assert.False(next.IsCancellationRequested || request.IsTimedOut);
        _time.Advance(2 * limit);
        Assert.True(request.TryTimeOut(_time.GetTimestamp()));
        Assert.False(request.TryTimeOut(_time.GetTimestamp()));
        Assert.True(next.IsCancellationRequested && request.IsTimedOut);
        request.End();
        Assert.True(request.TryBegin("LAST", _time.GetTimestamp(), limit, out var last));
        Assert.False(last.IsCancellationRequested || request.IsTimedOut);
        request.Close();
        Assert.True(last.IsCancellationRequested);
        Assert.False(request.TryBegin("NEVER", _time.GetTimestamp(), limit, out _));
    }

    private Task<TestServer> StartAsync(bool heedsItsToken) => TestServer.StartAsync(time: _time, map: app =>
        app.MapCommand("HOLD", async (context, cancellationToken) =>
        {
            Interlocked.Increment(ref _begun);
            _most = Math.Max(_most, Interlocked.Increment(ref _running));
            cancellationToken.Register(() => _cancelled.TrySetResult());
            _entered.TrySetResult();
            try
            {
                await _release.Task.WaitAsync(heedsItsToken ? cancellationToken : CancellationToken.None);
            }
            finally
            {
                Interlocked.Decrement(ref _running);
            }

            return context.Reply("done");
        }));

    private static async Task SendManyAsync(WireClient client)
    {
        try
        {
            await client.SendAsync([.. Enumerable.Repeat(new Message.Custom("HOLD", default), Pipelined)]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private static async Task EndAsync(TestServer server, WireClient client, string how)
    {
        var connection = server.Registry.Open.Single();
        switch (how)
        {
            case "reset":
                client.Socket.LingerState = new LingerOption(true, 0);
                await client.DisposeAsync();
                break;
            case "close":
                await client.DisposeAsync();
                break;
            case "ban":
                Assert.True(BanTarget.TryParse("127.0.0.1", out var target, out _));
                server.Services.GetRequiredService<BanList>().Add(new Ban("1", target, "floods", "tester", default, null));
                break;
            case "disconnect":
                Assert.True(server.Services.GetRequiredService<ConnectionControl>().Disconnect(connection.Id));
                break;
            default:
                await server.StopAsync();
                break;
        }
    }

    private async Task<string> NextErrorAsync(WireClient client)
    {
        var reading = ReadCustomAsync(client);
        await Eventually.Async(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(reading.IsCompleted ? 0 : 10));
            return Task.FromResult(reading.IsCompleted);
        }, () => "there is no answer");
        return System.Text.Encoding.UTF8.GetString((await reading).Payload.Span);
    }

    private static async Task<Message.Custom> ReadCustomAsync(WireClient client)
    {
        while (true)
        {
            if (await client.ReadAsync() is Message.Custom custom)
            {
                return custom;
            }
        }
    }
}
