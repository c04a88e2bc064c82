using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Integration.Tests.Operations;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using static Integration.Tests.CommandSteps;
using static Integration.Tests.PushSteps;

namespace Integration.Tests;

/// <summary>Pushed messages and a client's own requests do not hold each other up.</summary>
public sealed class PushTurnTests
{
    private readonly PushCommands _commands = new();

    [Fact]
    public async Task A_message_is_sent_while_a_handler_runs()
    {
        await using var server = await _commands.StartAsync();
        await using var client = await JoinAsync(server, "room");
        foreach (var command in (string[])["BLOCK", "WAIT"])
        {
            _commands.CloseGate();
            await client.SendAsync(Custom(command, ""));
            await Eventually.Async(
                () => Task.FromResult(server.Registry.Open.Single().CommandInFlight == command), () => "the command does not run");
            await server.Clients().Group("room").SendAsync("NEWS", command);
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
        await using var server = await _commands.StartAsync();
        await using var client = await JoinAsync(server, "room");
        var sending = client.SendAsync(client.Encode([.. Enumerable.Range(0, Requests).Select(i => new Message.Echo($"{i}"))]));
        var pushing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await server.Clients().Group("room").SendAsync("NEWS", $"{i}");
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
        await using var server = await _commands.StartAsync(time: time);
        await using var client = await JoinAsync(server, "room", time);
        var pings = 0;
        for (var i = 0; i < 15; i++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(1, await server.Clients().Group("room").SendAsync("NEWS", $"{i}"));
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
        var clock = new PushingClock();
        await using var server = await TestServer.StartAsync(
            new() { ["Tls:Mode"] = "Required", ["Tls:CertificatePath"] = files.Certificate, ["Tls:KeyPath"] = files.Key }, _commands.Map,
            clock);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(server.EndPoint);
        await using var tls = new System.Net.Security.SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        await WriteAsync(tls, "JOIN", "room");
        await UntilAsync(tls, "JOIN");
        var (room, payload) = (server.Clients().Group("room"), new byte[8 * 1024]);
        clock.Push = () => room.SendAsync("NEWS", payload).AsTask();
        await clock.Push();
        await UntilAsync(tls, "NEWS");
        for (var i = 0; i < 3; i++)
        {
            await WriteAsync(tls, "LEAVE", "elsewhere");
            await UntilAsync(tls, "LEAVE");
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

    /// <summary>
    /// A clock that pushes a message whenever it is read. The loop reads it for each message that it sends, so messages always wait,
    /// however fast the loop is.
    /// </summary>
    private sealed class PushingClock : TimeProvider
    {
        public Func<Task>? Push { get; set; }

        public override long GetTimestamp()
        {
            Push?.Invoke();
            return base.GetTimestamp();
        }
    }
}
