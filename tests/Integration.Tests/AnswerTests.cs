using System.Text;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Dispatch;

namespace Integration.Tests;

public sealed class AnswerTests
{
    [Fact]
    public async Task Several_requests_in_one_segment_are_answered_in_order()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Echo("one"), new Message.Ping(), new Message.Pong(), new Message.Echo("Grüße, 世界"));
        Assert.Equal(new Message.Echo("one"), await client.ReadAsync());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        Assert.Equal(new Message.Echo("Grüße, 世界"), await client.ReadAsync());
    }

    [Fact]
    public async Task A_byte_at_a_time_is_as_good_as_all_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        foreach (var one in client.Encode(new Message.Echo("slowly")))
        {
            await client.SendAsync(new[] { one });
        }

        Assert.Equal(new Message.Echo("slowly"), await client.ReadAsync());
    }

    [Fact]
    public async Task The_largest_message_comes_back()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var echo = new Message.Echo(new string('x', (16 * 1024 * 1024) - 40 - 12));
        var sending = client.SendAsync(echo);
        Assert.Equal(echo, await client.ReadAsync());
        await sending;
    }

    [Fact]
    public async Task Fifty_thousand_pipelined_requests_are_answered_in_order()
    {
        const int Count = 50_000;
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var requests = client.Encode([.. Enumerable.Range(0, Count).Select(i => new Message.Echo($"{i}"))]);
        var sending = client.SendAsync(requests);
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal(new Message.Echo($"{i}"), await client.ReadAsync());
        }

        await sending;
    }

    [Fact]
    public async Task Commands_answer_fail_and_keep_silent_without_hurting_the_connection()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("UPPER", (context, _) => ValueTask.FromResult<Message?>(context.Reply(context.Text.ToUpperInvariant())));
            app.MapCommand("FAIL", (_, _) => throw new InvalidOperationException("a secret"));
            app.MapCommand("QUIET", (_, _) => ValueTask.FromResult<Message?>(null));
            app.MapCommand<AddressHandler>("ADDRESS");
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(Custom("UPPER", "abc"), Custom("FAIL", ""), Custom("QUIET", ""), Custom("NOBODY", ""),
            new Message.Unknown(), Custom("ADDRESS", ""), new Message.Ping());
        Assert.Equal(Custom("UPPER", "ABC"), await client.ReadAsync());
        Assert.Equal(Message.Custom.Error("Command FAIL failed"), await client.ReadAsync());
        Assert.Equal(Message.Custom.Error("Unknown command: NOBODY"), await client.ReadAsync());
        Assert.Equal("ERROR", Assert.IsType<Message.Custom>(await client.ReadAsync()).Command);
        Assert.Equal(Custom("ADDRESS", "127.0.0.1"), await client.ReadAsync());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

    [Fact]
    public async Task A_function_is_given_what_it_asks_for()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("GREET", (string text, ServerState state) => $"hello {text}, {state.Phase}");
            app.MapCommand("LATER", async (ReadOnlyMemory<byte> payload, CommandContext context, Connection connection, CancellationToken cancellationToken) =>
            {
                await Task.Delay(0, cancellationToken);
                return context.Reply($"{payload.Length} bytes from {connection.Transport}");
            });
            app.MapCommand("FAIL", (string text) => text.Length == 0 ? throw new InvalidOperationException("a secret") : text);
            app.MapCommand("QUIET", (string text) => { });
            Assert.Throws<ArgumentException>(() => app.MapCommand("NUMBER", (string text) => text.Length));
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(Custom("GREET", "you"), Custom("LATER", "abc"), Custom("FAIL", ""), Custom("QUIET", ""), new Message.Ping());
        Assert.Equal(Custom("GREET", "hello you, Serving"), await client.ReadAsync());
        Assert.Equal(Custom("LATER", "3 bytes from Secure"), await client.ReadAsync());
        Assert.Equal(Message.Custom.Error("Command FAIL failed"), await client.ReadAsync());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

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
        await Task.WhenAll(clients.Select(client => client.SendAsync(new Message.Echo("first"), Custom("WAIT", ""), new Message.Echo("behind"))));
        await all.Task;
        var stopping = server.StopAsync();
        await using var late = await WireClient.ConnectAsync(server.EndPoint).ContinueWith(
            connecting => connecting.IsFaulted ? null : connecting.Result, TaskScheduler.Default); // refused, or told at once
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

    private static Message.Custom Custom(string command, string payload) => new(command, Encoding.UTF8.GetBytes(payload));

    private sealed class AddressHandler(ServerState state) : ICommandHandler
    {
        public ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Message?>(context.Reply(state.EndPoint!.Address.ToString()));
    }
}
