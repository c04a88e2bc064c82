using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Push;
using static Integration.Tests.CommandSteps;
using static Integration.Tests.PushSteps;

namespace Integration.Tests;

/// <summary>Pushed messages for a client that does not read, and what they cost others.</summary>
public sealed class UnreadPushTests
{
    private readonly PushCommands _commands = new();

    [Theory]
    [InlineData(WhenFull.DropOldest)]
    [InlineData(WhenFull.Disconnect)]
    public async Task A_client_that_does_not_read_loses_the_oldest_messages_or_its_connection(WhenFull whenFull)
    {
        await using var server = await _commands.StartAsync();
        await using var client = await JoinAsync(server, "room");
        await client.SendAsync(Custom("BLOCK", ""));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == "BLOCK"), () => "the command does not run");
        var payload = new byte[64 * 1024];
        var (taken, sent) = (1, 0);
        for (; taken == 1 && sent < 2000; sent++)
        {
            BitConverter.TryWriteBytes(payload, sent);
            taken = await server.Clients().Group("room").SendAsync("NEWS", (byte[])payload.Clone(), whenFull);
        }

        if (whenFull == WhenFull.Disconnect)
        {
            _commands.Gate.TrySetResult();
            Assert.Equal(CloseReason.SlowReader, (await server.FirstClosedAsync()).Reason);
            Assert.Equal(0, await server.Clients().Group("room").SendAsync("NEWS", ""));
            return;
        }

        _commands.Gate.TrySetResult();
        Assert.Equal(2000, sent);
        var (last, received) = (-1, 0);
        while (last < sent - 1)
        {
            var message = Assert.IsType<Message.Custom>(await client.ReadAsync());
            if (message.Command != "NEWS")
            {
                continue;
            }

            received++;
            var number = BitConverter.ToInt32(message.Payload.Span);
            Assert.True(number > last, $"{number} comes after {last}");
            last = number;
        }

        Assert.True(received < sent, "nothing was dropped");
    }

    [Fact]
    public async Task What_others_hold_is_not_a_clients_fault()
    {
        await using var server = await TestServer.StartAsync(new() { ["MaxBufferedBytes"] = $"{32 * 1024 * 1024}" }, _commands.Map);
        var blocked = new List<WireClient>();
        for (var i = 0; i < 9; i++)
        {
            blocked.Add(await JoinAsync(server, $"room-{i}"));
            await blocked[i].SendAsync(Custom("BLOCK", ""));
        }

        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.All(connection => connection.CommandInFlight == "BLOCK")), () => "no command runs");
        var pushed = 0;
        for (var i = 0; i < 9 * 100; i++) // far more than a quarter of the budget
        {
            pushed += await server.Clients().Group($"room-{i / 100}").SendAsync("NEWS", new byte[100_000], WhenFull.DropOldest);
        }

        Assert.InRange(pushed, 1, 9 * 100);
        await using var late = await JoinAsync(server, "late");
        await server.Clients().Group("late").SendAsync("NEWS", new byte[70_000], WhenFull.Disconnect);
        Assert.Equal("LEAVE left", (await AskPastNewsAsync(late, "LEAVE", "late")));
        _commands.Gate.TrySetResult();
        foreach (var client in blocked)
        {
            await client.DisposeAsync();
        }

        await server.ClosedAsync(9);
        await Eventually.Async(
            () => Task.FromResult(server.Services.GetRequiredService<BufferBudget>().TryHoldPushed(8 * 1024 * 1024)),
            () => "an outbox is still charged");
    }

    private static async Task<string> AskPastNewsAsync(WireClient client, string command, string text)
    {
        await client.SendAsync(Custom(command, text));
        while (true)
        {
            if (await ReadAsync(client) is var message && !message.StartsWith("NEWS", StringComparison.Ordinal))
            {
                return message;
            }
        }
    }
}
