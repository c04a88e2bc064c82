using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Push;
using static Integration.Tests.PushSteps;

namespace Integration.Tests;

/// <summary>Who receives a message that the server pushes, and which messages it refuses to push.</summary>
public sealed class PushReceiverTests
{
    private readonly PushCommands _commands = new();

    [Fact]
    public async Task Members_of_a_group_get_what_is_sent_to_it_in_order_and_nobody_else_does()
    {
        await using var server = await _commands.StartAsync();
        await using var one = await JoinAsync(server, "room");
        await using var two = await JoinAsync(server, "room");
        await using var other = await JoinAsync(server, "elsewhere");
        await using var stranger = await WireClient.ConnectSecureAsync(server.EndPoint);
        var clients = server.Clients();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(2, await clients.Group("room").SendAsync("NEWS", $"{i}"));
        }

        Assert.Equal(0, await clients.Group("nowhere").SendAsync("NEWS", ""));
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"NEWS {i}", await ReadAsync(one));
            Assert.Equal($"NEWS {i}", await ReadAsync(two));
        }

        Assert.Equal("LEAVE left", await AskAsync(one, "LEAVE", "room"));
        Assert.Equal(1, await clients.Group("room").SendAsync("NEWS", "last"));
        Assert.Equal("NEWS last", await ReadAsync(two));
        // A client that has left a group still gets messages to all; the stranger never joined.
        Assert.Equal(3, await clients.All.SendAsync("ALL", ""));
        foreach (var client in (WireClient[])[one, two, other])
        {
            Assert.Equal("ALL ", await ReadAsync(client));
        }

        await stranger.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await stranger.ReadAsync());
    }

    [Fact]
    public async Task A_connection_and_a_client_can_be_meant()
    {
        var folder = Directory.CreateTempSubdirectory("npro");
        try
        {
            var path = Path.Combine(folder.FullName, "local.sock");
            await using var server = await _commands.StartAsync(path);
            await using var local = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
            Assert.Equal("ASK asked", await AskAsync(local, "ASK", ""));
            await using var remote = await JoinAsync(server, "room");
            var connection = server.Registry.Open.Single(open => open.Transport == ConnectionTransport.Local);
            Assert.Equal(1, await server.Clients().Identity(connection.Identity.ToString()).SendAsync("NEWS", "by name"));
            var key = server.Services.GetRequiredService<ServerState>().KeyOf(connection.Id);
            Assert.Equal(1, await server.Clients().Connection(key).SendAsync("NEWS", "by key"));
            Assert.Equal(0, await server.Clients().Connection(key with { Id = 12345 }).SendAsync("NEWS", "nobody"));
            Assert.Equal(0, await server.Clients().Connection(key with { Node = "elsewhere" }).SendAsync("NEWS", "nobody"));
            Assert.Equal("NEWS by name", await ReadAsync(local));
            Assert.Equal("NEWS by key", await ReadAsync(local));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_a_client_could_take_for_an_answer_or_what_is_too_large_is_refused()
    {
        await using var server = await _commands.StartAsync();
        var all = server.Clients().All;
        Assert.Contains(
            "a mapped command", (await Assert.ThrowsAsync<ArgumentException>(() => all.SendAsync("JOIN", "").AsTask())).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => all.SendAsync("ERROR", "").AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => all.SendAsync("", "").AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => all.SendAsync(new string('X', 65), "").AsTask());
        Assert.Contains(
            "at most 1048576 bytes",
            (await Assert.ThrowsAsync<ArgumentException>(() => all.SendAsync("NEWS", new byte[1024 * 1024]).AsTask())).Message,
            StringComparison.Ordinal);
        await using var client = await JoinAsync(server, "room");
        Assert.StartsWith("ERROR Command JOIN failed", await AskAsync(client, "JOIN", ""), StringComparison.Ordinal);
        Assert.StartsWith("ERROR Command JOIN failed", await AskAsync(client, "JOIN", new string('x', 129)), StringComparison.Ordinal);
        for (var i = 1; i < 100; i++)
        {
            Assert.Equal("JOIN joined", await AskAsync(client, "JOIN", $"{i}"));
        }

        Assert.StartsWith("ERROR Command JOIN failed", await AskAsync(client, "JOIN", "one more"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_has_ended_is_in_no_group_and_holds_nothing()
    {
        await using var server = await _commands.StartAsync();
        var client = await JoinAsync(server, "room");
        var connection = server.Registry.Open.Single();
        await client.DisposeAsync();
        await server.FirstClosedAsync();
        Assert.Equal(0, await server.Clients().Group("room").SendAsync("NEWS", ""));
        Assert.False(connection.Outbox!.TryAdd(new PushedMessage("NEWS", []), WhenFull.DropOldest, out _));
        server.Services.GetRequiredService<Groups>().Add(connection, "late");
        Assert.Equal(0, await server.Clients().Group("late").SendAsync("NEWS", ""));
    }
}
