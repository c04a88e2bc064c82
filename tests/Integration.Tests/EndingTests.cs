using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>The server answers all requests that it read before the end of a connection, for each way to end.</summary>
public sealed class EndingTests
{
    [Fact]
    public async Task What_came_before_a_half_close_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Echo("last"));
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal(new Message.Echo("last"), await client.ReadAsync());
        Assert.Null(await client.ReadAsync());
        Assert.Equal(CloseReason.ClientLeft, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task What_came_before_a_Disconnect_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Echo("last"), new Message.Disconnect());
        Assert.Equal(new Message.Echo("last"), await client.ReadAsync());
        Assert.Null(await client.ReadAsync());
        Assert.Equal(CloseReason.Disconnect, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_stopping_server_answers_what_it_read_and_says_Disconnect()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WAIT", async (context, _) =>
        {
            entered.SetResult();
            await release.Task;
            return context.Reply("done");
        }));
        await using var idle = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var busy = await WireClient.ConnectSecureAsync(server.EndPoint);
        await busy.SendAsync(Custom("WAIT", ""));
        await entered.Task;
        var stopping = server.StopAsync();
        Assert.IsType<Message.Disconnect>(await idle.ReadAsync());
        release.SetResult();
        Assert.Equal(Custom("WAIT", "done"), await busy.ReadAsync());
        Assert.IsType<Message.Disconnect>(await busy.ReadAsync());
        await idle.DisposeAsync();
        await busy.DisposeAsync();
        await stopping;
        Assert.All(server.Registry.Closed, closed => Assert.Equal(CloseReason.Draining, closed.Reason));
    }

    [Fact]
    public async Task Two_hundred_clients_inside_slow_handlers_are_answered_before_it_stops()
    {
        const int Clients = 200;
        var entered = new CountdownEvent(Clients);
        var all = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WAIT", async (context, _) =>
        {
            if (entered.Signal())
            {
                all.SetResult();
            }

            await release.Task;
            return context.Reply("done");
        }));
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => WireClient.ConnectSecureAsync(server.EndPoint)));
        await Task.WhenAll(
            clients.Select(client => client.SendAsync(new Message.Echo("first"), Custom("WAIT", ""), new Message.Echo("behind"))));
        await all.Task;
        var stopping = server.StopAsync();
        release.SetResult();
        await Task.WhenAll(clients.Select(async client =>
        {
            Assert.Equal(new Message.Echo("first"), await client.ReadAsync());
            Assert.Equal(Custom("WAIT", "done"), await client.ReadAsync());
            Assert.Equal(new Message.Echo("behind"), await client.ReadAsync());
            Assert.IsType<Message.Disconnect>(await client.ReadAsync());
            await client.DisposeAsync();
        }));
        await stopping;
    }

    [Fact]
    public async Task What_came_before_damage_is_answered_although_the_client_goes_on_sending()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var good = client.Encode([.. Enumerable.Repeat(new Message.Echo(new string('x', 1000)), 100)]);
        await client.SendAsync((byte[])[.. good, .. new byte[256 * 1024]]);
        for (var i = 0; i < 100; i++)
        {
            Assert.NotNull(await client.ReadAsync());
        }

        Assert.Null(await client.ReadAsync());
        Assert.Equal(CloseReason.BadMagic, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_client_that_resets_the_connection_cancels_its_handler()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WAIT", async (_, cancellationToken) =>
        {
            cancellationToken.Register(cancelled.SetResult);
            entered.SetResult();
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return null;
        }));
        var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(Custom("WAIT", ""));
        await entered.Task;
        client.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        await client.DisposeAsync();
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(CloseReason.ClientLeft, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_client_that_half_closes_has_its_handler_s_answer()
    {
        var entered = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(map: app => app.MapCommand("WAIT", async (context, cancellationToken) =>
        {
            entered.SetResult();
            await release.Task.WaitAsync(cancellationToken);
            return context.Reply("done");
        }));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(Custom("WAIT", ""));
        await entered.Task;
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await using var other = await WireClient.ConnectSecureAsync(server.EndPoint);
        await other.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await other.ReadAsync());
        release.SetResult();
        Assert.Equal(Custom("WAIT", "done"), await client.ReadAsync());
    }
}
