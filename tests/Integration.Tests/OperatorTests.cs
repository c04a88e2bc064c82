using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Operators;

namespace Integration.Tests;

/// <summary>An operator's view of connections, and the actions on them.</summary>
public sealed class OperatorTests
{
    [Fact]
    public async Task A_client_that_an_operator_disconnects_is_told_and_remembered()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        var connection = Assert.Single(server.Registry.Open);
        Assert.True(Control(server).Disconnect(connection.Id));
        Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
        await client.DisposeAsync();
        Assert.Equal(CloseReason.DisconnectedByOperator, (await server.FirstClosedAsync()).Reason);
        Assert.Equal("kicked", CloseReason.DisconnectedByOperator.ToName()); // the name that metrics, logs and the API promise
        Assert.False(Control(server).Disconnect(connection.Id));
    }

    [Fact]
    public async Task A_client_that_is_disconnected_inside_a_request_has_its_answer_first()
    {
        var (began, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WAIT", async () =>
        {
            began.SetResult();
            await finish.Task;
            return "done";
        }));
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(new Message.Custom("WAIT", default));
        await began.Task;
        var connection = Assert.Single(server.Registry.Open);
        Assert.Equal(("WAIT", ConnectionState.Running), (connection.CommandInFlight, connection.State));
        Control(server).Disconnect(connection.Id);
        finish.SetResult();
        Assert.Equal("WAIT", Assert.IsType<Message.Custom>(await client.ReadAsync()).Command);
        Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
    }

    [Fact]
    public async Task One_whose_handler_does_not_end_is_aborted_after_the_grace()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var began = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(
            time: time,
            map: app => app.MapCommand("HANG", async (CancellationToken cancelled) =>
            {
                began.SetResult();
                await Task.Delay(Timeout.Infinite, cancelled);
            }));
        await using var client = await ServedClient.ConnectAsync(server.EndPoint, time);
        await client.SendAsync(new Message.Custom("HANG", default));
        await began.Task;
        Control(server).Disconnect(Assert.Single(server.Registry.Open).Id);
        time.Advance(TimeSpan.FromSeconds(6));
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.DisconnectedByOperator, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task Many_connections_are_disconnected_at_the_rate()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        var clients = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ServedClient.ConnectAsync(server.EndPoint, time)));
        Assert.True(Control(server).TryDisconnect(server.Registry.Open, perSecond: 2, out var ending));
        // Only one disconnection of many connections can run at a time.
        Assert.False(Control(server).TryDisconnect(server.Registry.Open, perSecond: 2, out _));
        Assert.Equal((1, 6), (Control(server).Last!.Requested, Control(server).Last!.Total));
        time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Control(server).Last!.Requested == 3);
        time.Advance(TimeSpan.FromSeconds(2));
        await ending;
        foreach (var client in clients)
        {
            Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_disconnect_of_many_is_stopped()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServedClient.ConnectAsync(server.EndPoint, time)));
        Assert.True(Control(server).TryDisconnect(server.Registry.Open, perSecond: 1, out var ending));
        Assert.True(Control(server).StopDisconnecting());
        Assert.False(Control(server).StopDisconnecting());
        time.Advance(TimeSpan.FromSeconds(10));
        await ending;
        Assert.Equal(1, Control(server).Last!.Requested);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_disconnect_during_a_drain_is_not_undone_with_it()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (began, finish) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await TestServer.StartAsync(time: time, map: app => app.MapCommand("WAIT", async () =>
        {
            began.SetResult();
            await finish.Task;
        }));
        await using var client = await ServedClient.ConnectAsync(server.EndPoint, time);
        await client.SendAsync(new Message.Custom("WAIT", default));
        await began.Task;
        var drain = server.Services.GetRequiredService<Drain>();
        Assert.True(drain.TryStart(perSecond: 10, TimeSpan.FromMinutes(1)));
        await UntilAsync(() => server.Registry.Open.Single().State == ConnectionState.Closing);
        Control(server).Disconnect(server.Registry.Open.Single().Id);
        Assert.True(drain.Undo());
        finish.SetResult();
        Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
        await client.DisposeAsync();
        Assert.Equal(CloseReason.DisconnectedByOperator, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_drain_turns_newcomers_away_asks_at_the_rate_and_is_undone()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        var drain = server.Services.GetRequiredService<Drain>();
        var state = server.Services.GetRequiredService<ServerState>();
        var clients = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ServedClient.ConnectAsync(server.EndPoint, time)));
        Assert.True(drain.TryStart(perSecond: 1, TimeSpan.FromMinutes(1)));
        Assert.False(drain.TryStart(perSecond: 1, TimeSpan.FromMinutes(1)));
        Assert.Equal(ServerPhase.Draining, state.Phase);
        await UntilAsync(() => drain.Status.Stage == DrainStage.Disconnecting);
        await using (var newcomer = await WireClient.ConnectAsync(server.EndPoint))
        {
            Assert.Null(await newcomer.ReadPayloadAsync());
        }

        Assert.Equal(new Message.Disconnect(), await FirstToldAsync(clients));
        Assert.True(drain.Undo());
        Assert.False(drain.Undo());
        Assert.Equal(DrainStage.None, drain.Status.Stage);
        Assert.Equal(ServerPhase.Serving, state.Phase);
        time.Advance(TimeSpan.FromMinutes(2));
        await using var welcome = await ServedClient.ConnectAsync(server.EndPoint, time);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Behind_a_proxy_a_drain_announces_before_it_refuses_newcomers_and_is_undone_meanwhile()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(new() { ["TrustedProxies:0"] = "192.0.2.1/32" }, time: time);
        var (drain, state) = (server.Services.GetRequiredService<Drain>(), server.Services.GetRequiredService<ServerState>());
        for (var round = 0; round < 2; round++)
        {
            Assert.True(drain.TryStart(perSecond: 100, TimeSpan.FromMinutes(1)));
            Assert.Equal(ServerPhase.Draining, state.Phase);
            time.Advance(ServerOptions.DrainDelayBehindProxies - TimeSpan.FromSeconds(1));
            await (await ServedClient.ConnectAsync(server.EndPoint, time)).DisposeAsync();
            Assert.Equal(DrainStage.Announced, drain.Status.Stage);
            if (round == 0)
            {
                Assert.True(drain.Undo());
                Assert.Equal(ServerPhase.Serving, state.Phase);
            }
        }

        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return drain.Status.Stage == DrainStage.Drained;
        });
        await using var newcomer = await WireClient.ConnectAsync(server.EndPoint);
        Assert.Null(await newcomer.ReadPayloadAsync());
        await server.StopAsync(); // at once, because all parts that had to notice have noticed
    }

    [Fact]
    public async Task A_delay_of_zero_is_kept_behind_a_proxy_too()
    {
        await using var server = await TestServer.StartAsync(new() { ["TrustedProxies:0"] = "192.0.2.1/32", ["DrainDelay"] = "00:00:00" });
        var drain = server.Services.GetRequiredService<Drain>();
        Assert.True(drain.TryStart(perSecond: 100, TimeSpan.FromMinutes(1)));
        await UntilAsync(() => drain.Status.Stage == DrainStage.Drained);
    }

    [Fact]
    public async Task A_drain_ends_with_no_connection_left()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        var drain = server.Services.GetRequiredService<Drain>();
        await using var client = await ServedClient.ConnectAsync(server.EndPoint, time); // this client does not close the connection itself
        Assert.True(drain.TryStart(perSecond: 100, TimeSpan.FromSeconds(1)));
        Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return drain.Status.Stage == DrainStage.Drained;
        });
        Assert.Equal(0, drain.Status.Remaining);
        Assert.True(drain.Undo());
        await using var welcome = await ServedClient.ConnectAsync(server.EndPoint, time);
    }

    [Fact]
    public async Task Errors_are_counted_and_remembered_with_who_made_them()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(new Message.Custom("NOBODY", default));
        await client.ReadAsync();
        var errors = server.Services.GetRequiredService<ErrorLog>();
        var error = Assert.Single(errors.Recent);
        var connection = Assert.Single(server.Registry.Open);
        Assert.Equal(("unknown_command", "Unknown command: NOBODY", connection.Id), (error.Kind, error.Text, error.ConnectionId));
        Assert.Equal(error.Text, connection.LastError);
        Assert.Equal(1, server.Services.GetRequiredService<ServerMetrics>().Read().Errors);
    }

    [Fact]
    public async Task A_connection_shows_its_messages_bytes_and_round_trip()
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("UPPER", (string text) => text.ToUpperInvariant()));
        await using var client = await ServedClient.ConnectAsync(server.EndPoint);
        foreach (var message in (Message[])[
            new Message.Echo("secret"), new Message.Custom("UPPER", "secret"u8.ToArray()), new Message.Custom("NOBODY", default)])
        {
            await client.SendAsync(message);
            await client.ReadAsync();
        }

        var connection = Assert.Single(server.Registry.Open);
        Assert.Equal(
            ["ECHO", "ECHO sent", "UPPER", "UPPER sent", "UNKNOWN_COMMAND", "ERROR sent"],
            connection.RecentMessages.Skip(2).Select(message => message.Sent ? $"{message.Name} sent" : message.Name));
        Assert.All(connection.RecentMessages, message => Assert.InRange(message.Bytes, 20, 200));
        Assert.Equal((4, 4), (connection.MessagesReceived, connection.MessagesSent));
        Assert.Equal(connection.RecentMessages.Where(message => message.Sent).Sum(message => message.Bytes), connection.BytesSent);
        await client.SendAsync(new Message.Pong()); // there was no Ping, so the Pong measures nothing
        await client.SendAsync(new Message.Ping());
        await client.ReadAsync();
        Assert.Null(connection.RoundTripTime);
        await client.SendAsync(Enumerable.Repeat(new Message.Ping(), 20).ToArray());
        for (var i = 0; i < 20; i++)
        {
            await client.ReadAsync();
        }

        Assert.Equal(16, connection.RecentMessages.Count);
    }

    [Fact]
    public async Task The_round_trip_is_that_of_the_Ping_that_was_due_and_says_how_old_it_is()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(time: time);
        await using var client = await ServedClient.ConnectAsync(server.EndPoint, time);
        var connection = Assert.Single(server.Registry.Open);
        Assert.Equal((true, null, null), (connection.IsPinged, connection.RoundTripTime, connection.RoundTripAge));
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(new Message.Ping(), await client.ReadAsync());
        time.Advance(TimeSpan.FromMilliseconds(250));
        await client.SendAsync(new Message.Pong(), new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
        Assert.Equal(TimeSpan.FromMilliseconds(250), connection.RoundTripTime);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(3), connection.RoundTripAge);
    }

    private static async Task<Message?> FirstToldAsync(WireClient[] clients) =>
        await await Task.WhenAny(clients.Select(client => client.ReadAsync()));

    private static ConnectionControl Control(TestServer server) => server.Services.GetRequiredService<ConnectionControl>();

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
