using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Integration.Tests.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Push;

namespace Integration.Tests;

/// <summary>Messages that the server pushes: their receivers, their order, and a client that does not read.</summary>
public sealed class PushTests
{
    private TaskCompletionSource _gate = new();

    [Fact]
    public async Task Members_of_a_group_get_what_is_sent_to_it_in_order_and_nobody_else_does()
    {
        await using var server = await StartAsync();
        await using var one = await JoinAsync(server, "room");
        await using var two = await JoinAsync(server, "room");
        await using var other = await JoinAsync(server, "elsewhere");
        await using var stranger = await WireClient.ConnectSecureAsync(server.EndPoint);
        var clients = Clients(server);
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
            await using var server = await StartAsync(path);
            await using var local = await WireClient.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            Assert.Equal("ASK asked", await AskAsync(local, "ASK", ""));
            await using var remote = await JoinAsync(server, "room");
            var connection = server.Registry.Open.Single(open => open.Transport == ConnectionTransport.Local);
            Assert.Equal(1, await Clients(server).Identity(connection.Identity.ToString()).SendAsync("NEWS", "by name"));
            var key = server.Services.GetRequiredService<ServerState>().KeyOf(connection.Id);
            Assert.Equal(1, await Clients(server).Connection(key).SendAsync("NEWS", "by key"));
            Assert.Equal(0, await Clients(server).Connection(key with { Id = 12345 }).SendAsync("NEWS", "nobody"));
            Assert.Equal(0, await Clients(server).Connection(key with { Node = "elsewhere" }).SendAsync("NEWS", "nobody"));
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
        await using var server = await StartAsync();
        var all = Clients(server).All;
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
    public async Task A_message_is_sent_while_a_handler_runs()
    {
        await using var server = await StartAsync();
        await using var client = await JoinAsync(server, "room");
        foreach (var command in (string[])["BLOCK", "WAIT"])
        {
            _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await client.SendAsync(Custom(command, ""));
            await Eventually.Async(
                () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == command), () => "the command does not run");
            await Clients(server).Group("room").SendAsync("NEWS", command);
            Assert.Equal($"NEWS {command}", await ReadAsync(client));
            await using var other = await WireClient.ConnectSecureAsync(server.EndPoint);
            Assert.Equal("OPEN opened", await AskAsync(other, "OPEN", ""));
            Assert.Equal($"{command} done", await ReadAsync(client));
            await other.DisposeAsync();
            await server.ClosedAsync(command == "BLOCK" ? 1 : 2);
        }
    }

    [Fact]
    public async Task Messages_come_between_the_answers_of_a_client_that_never_stops_asking()
    {
        const int Requests = 20_000;
        await using var server = await StartAsync();
        await using var client = await JoinAsync(server, "room");
        var sending = client.SendAsync(client.Encode([.. Enumerable.Range(0, Requests).Select(i => new Message.Echo($"{i}"))]));
        var pushing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await Clients(server).Group("room").SendAsync("NEWS", $"{i}");
            }
        });
        var (answers, news, firstNews) = (0, 0, Requests + 1);
        while (answers < Requests || news < 200)
        {
            switch (await client.ReadAsync())
            {
                case Message.Echo echo:
                    Assert.Equal($"{answers++}", echo.Text);
                    break;
                case Message.Custom custom:
                    firstNews = Math.Min(firstNews, answers);
                    Assert.Equal($"{news++}", Encoding.UTF8.GetString(custom.Payload.Span));
                    break;
                default:
                    Assert.Fail("The connection has ended.");
                    break;
            }
        }

        await Task.WhenAll(sending, pushing);
        Assert.True(firstNews < Requests, "all messages came after all answers");
    }

    [Fact]
    public async Task A_client_that_only_listens_is_asked_whether_it_is_there_and_stays()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await StartAsync(time: time);
        await using var client = await JoinAsync(server, "room", time);
        var pings = 0;
        for (var i = 0; i < 15; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(1, await Clients(server).Group("room").SendAsync("NEWS", $"{i}"));
            var (awaitsNews, awaitsEcho) = (true, false);
            while (awaitsNews || awaitsEcho)
            {
                switch (await client.ReadAsync())
                {
                    case Message.Ping:
                        pings++;
                        awaitsEcho = true;
                        // The answer shows that the server read the Pong.
                        await client.SendAsync(new Message.Pong(), new Message.Echo("seen"));
                        break;
                    case Message.Custom:
                        awaitsNews = false;
                        break;
                    case Message.Echo:
                        awaitsEcho = false;
                        break;
                    default:
                        Assert.Fail("The connection has ended.");
                        break;
                }
            }
        }

        Assert.InRange(pings, 4, 15);
    }

    [Fact]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "Who the server is does not matter here.")]
    public async Task Over_TLS_a_client_is_heard_while_messages_never_stop()
    {
        using var files = CertificateFiles.Create();
        await using var server = await TestServer.StartAsync(
            new() { ["Tls:Mode"] = "Required", ["Tls:CertificatePath"] = files.Certificate, ["Tls:KeyPath"] = files.Key }, Map);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(server.EndPoint);
        await using var tls = new System.Net.Security.SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await WriteAsync(tls, "JOIN", "room");
        using var end = new CancellationTokenSource();
        var pushing = Task.Run(async () =>
        {
            var payload = new byte[8 * 1024];
            while (!end.IsCancellationRequested)
            {
                await Clients(server).Group("room").SendAsync("NEWS", payload);
            }
        });
        await UntilAsync(tls, "JOIN");
        await UntilAsync(tls, "NEWS");
        for (var i = 0; i < 3; i++)
        {
            await WriteAsync(tls, "LEAVE", "elsewhere");
            await UntilAsync(tls, "LEAVE");
        }

        await end.CancelAsync();
        await pushing;
    }

    [Fact]
    public async Task What_others_hold_is_not_a_clients_fault()
    {
        await using var server = await TestServer.StartAsync(new() { ["MaxBufferedBytes"] = $"{32 * 1024 * 1024}" }, Map);
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
            pushed += await Clients(server).Group($"room-{i / 100}").SendAsync("NEWS", new byte[100_000], WhenFull.DropOldest);
        }

        Assert.InRange(pushed, 1, 9 * 100);
        await using var late = await JoinAsync(server, "late");
        await Clients(server).Group("late").SendAsync("NEWS", new byte[70_000], WhenFull.Disconnect);
        Assert.Equal("LEAVE left", (await AskPastNewsAsync(late, "LEAVE", "late")));
        _gate.TrySetResult();
        foreach (var client in blocked)
        {
            await client.DisposeAsync();
        }

        await server.ClosedAsync(9);
        await Eventually.Async(
            () => Task.FromResult(server.Services.GetRequiredService<BufferBudget>().TryHoldPushed(8 * 1024 * 1024)),
            () => "an outbox is still charged");
    }

    [Theory]
    [InlineData(WhenFull.DropOldest)]
    [InlineData(WhenFull.Disconnect)]
    public async Task A_client_that_does_not_read_loses_the_oldest_messages_or_its_connection(WhenFull whenFull)
    {
        await using var server = await StartAsync();
        await using var client = await JoinAsync(server, "room");
        await client.SendAsync(Custom("BLOCK", ""));
        await Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == "BLOCK"), () => "the command does not run");
        var payload = new byte[64 * 1024];
        var (taken, sent) = (1, 0);
        for (; taken == 1 && sent < 2000; sent++)
        {
            BitConverter.TryWriteBytes(payload, sent);
            taken = await Clients(server).Group("room").SendAsync("NEWS", (byte[])payload.Clone(), whenFull);
        }

        if (whenFull == WhenFull.Disconnect)
        {
            _gate.TrySetResult();
            Assert.Equal(CloseReason.SlowReader, (await server.FirstClosedAsync()).Reason);
            Assert.Equal(0, await Clients(server).Group("room").SendAsync("NEWS", ""));
            return;
        }

        _gate.TrySetResult();
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
    public async Task A_connection_that_has_ended_is_in_no_group_and_holds_nothing()
    {
        await using var server = await StartAsync();
        var client = await JoinAsync(server, "room");
        var connection = server.Registry.Open.Single();
        await client.DisposeAsync();
        await server.FirstClosedAsync();
        Assert.Equal(0, await Clients(server).Group("room").SendAsync("NEWS", ""));
        Assert.False(connection.Outbox!.TryAdd(new PushedMessage("NEWS", []), WhenFull.DropOldest, out _));
        server.Services.GetRequiredService<Groups>().Add(connection, "late");
        Assert.Equal(0, await Clients(server).Group("late").SendAsync("NEWS", ""));
    }

    private Task<TestServer> StartAsync(string localSocket = "", TimeProvider? time = null) =>
        TestServer.StartAsync(new() { ["LocalSocket"] = localSocket }, Map, time);

    private void Map(WebApplication app)
    {
        app.MapCommand("JOIN", async (string room, CommandContext context) =>
        {
            await context.Groups.AddAsync(room);
            return "joined";
        });
        app.MapCommand("LEAVE", async (string room, CommandContext context) =>
        {
            await context.Groups.RemoveAsync(room);
            return "left";
        });
        app.MapCommand("ASK", (CommandContext context) =>
        {
            context.AcceptPush();
            return "asked";
        });
        app.MapCommand("BLOCK", () =>
        {
            _gate.Task.Wait();
            return "done";
        });
        app.MapCommand("WAIT", async () =>
        {
            await _gate.Task;
            return "done";
        });
        app.MapCommand("OPEN", () =>
        {
            _gate.TrySetResult();
            return "opened";
        });
    }

    private static IClients Clients(TestServer server) => server.Services.GetRequiredService<IClients>();

    private static async Task<WireClient> JoinAsync(TestServer server, string room, TimeProvider? time = null)
    {
        var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time?.GetUtcNow());
        Assert.Equal("JOIN joined", await AskAsync(client, "JOIN", room));
        return client;
    }

    private static async Task<string> AskAsync(WireClient client, string command, string text)
    {
        await client.SendAsync(Custom(command, text));
        return await ReadAsync(client);
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

    private static async Task WriteAsync(Stream tls, string command, string text)
    {
        var request = new ArrayBufferWriter<byte>();
        PacketWriter.Write(request, Custom(command, text), channel: null);
        await tls.WriteAsync(request.WrittenMemory);
    }

    // Reads and drops what comes before.
    private static async Task UntilAsync(Stream tls, string command)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var header = new byte[PacketHeader.Size];
            await tls.ReadExactlyAsync(header, deadline.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(PacketHeader.Size - sizeof(int)))];
            await tls.ReadExactlyAsync(payload, deadline.Token);
            Assert.True(MessageView.TryDecode(payload, out var message));
            if (Encoding.UTF8.GetString(message.Text) == command)
            {
                return;
            }
        }
    }

    private static async Task<string> ReadAsync(WireClient client)
    {
        var message = Assert.IsType<Message.Custom>(await client.ReadAsync());
        return $"{message.Command} {Encoding.UTF8.GetString(message.Payload.Span)}";
    }

    private static Message.Custom Custom(string command, string payload) => new(command, Encoding.UTF8.GetBytes(payload));
}
