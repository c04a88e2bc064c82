using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

[Trait("Needs", "Time")]
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
            app.MapCommand("LATER", async (
                ReadOnlyMemory<byte> payload, CommandContext context, Connection connection, CancellationToken cancellationToken) =>
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                return context.Reply($"{payload.Length} bytes from {connection.Transport}");
            });
            app.MapCommand("FAIL", (string text) => text.Length == 0 ? throw new InvalidOperationException("a secret") : text);
            app.MapCommand("QUIET", (string text) => { });
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(Custom("GREET", "you"), Custom("LATER", "abc"), Custom("FAIL", ""), Custom("QUIET", ""), new Message.Ping());
        Assert.Equal(Custom("GREET", "hello you, Serving"), await client.ReadAsync());
        Assert.Equal(Custom("LATER", "3 bytes from Secure"), await client.ReadAsync());
        Assert.Equal(Message.Custom.Error("Command FAIL failed"), await client.ReadAsync());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
    }

    private sealed class AddressHandler(ServerState state) : ICommandHandler
    {
        public ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<Message?>(context.Reply(state.EndPoint!.Address.ToString()));
    }
}
