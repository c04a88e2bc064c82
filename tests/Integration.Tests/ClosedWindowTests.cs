using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Memory;

namespace Integration.Tests;

/// <summary>A client that does not read, so that the kernel's buffers are full. The waiting answers must not block anything else.</summary>
[Trait("Needs", "Time")]
public sealed class ClosedWindowTests
{
    private static readonly Message.Echo Page = new(new string('x', 4000));

    [Fact]
    public async Task To_ask_whether_a_client_is_gone_does_not_wait_for_the_client()
    {
        await using var server = await TestServer.StartAsync(new() { ["HeartbeatInterval"] = "01:00:00" });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var connection = server.Registry.Open.Single();
        await FillAsync(server, client);
        await Task.Run(connection.EndIfReset).WaitAsync(TimeSpan.FromSeconds(20));
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await Task.Run(connection.EndIfReset).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(connection.Aborted); // a half-close does not end the connection
        client.Socket.LingerState = new(true, 0);
        client.Socket.Close();
        await server.FirstClosedAsync();
    }

    [Fact]
    public async Task A_client_that_disconnects_without_reading_keeps_its_place_until_its_socket_is_closed()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(
            new() { ["HeartbeatInterval"] = "01:00:00", ["MaxConnectionsPerAddress"] = "1" }, time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        var connection = server.Registry.Open.Single();
        await FillAsync(server, client);
        await client.SendAsync(new Message.Disconnect());
        await Operations.Eventually.Async(() => Task.FromResult(connection.CloseReason == CloseReason.Disconnect));
        await using (var another = await WireClient.ConnectAsync(server.EndPoint))
        {
            await another.ReadToEndAsync();
        }

        await Operations.Eventually.Async(() => Task.FromResult(server.Registry.Count == 1), () => $"{server.Registry.Count} are open");
        time.Advance(TimeSpan.FromSeconds(32));
        await Operations.Eventually.Async(() => Task.FromResult(server.Registry.Count == 0), () => "it is still there");
        Assert.Equal([CloseReason.TooManyFromAddress, CloseReason.Disconnect], server.Registry.Closed.Select(closed => closed.Reason));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_client_that_disconnected_without_reading()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(new() { ["HeartbeatInterval"] = "01:00:00" }, time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        var connection = server.Registry.Open.Single();
        await FillAsync(server, client);
        await client.SendAsync(new Message.Disconnect());
        await Operations.Eventually.Async(() => Task.FromResult(connection.CloseReason == CloseReason.Disconnect));
        var stopping = server.StopAsync();
        await Operations.Eventually.Async(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(stopping.IsCompleted);
        });
        await stopping;
    }

    [Fact]
    public async Task A_packet_that_waits_for_answers_to_be_read_is_slower_than_one_that_comes()
    {
        const int Quarter = 4 * 1024 * 1024;
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await TestServer.StartAsync(
            new() { ["HeartbeatInterval"] = "01:00:00", ["MaxBufferedBytes"] = $"{4 * Quarter}" }, time: time);
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint, now: time.GetUtcNow());
        var connection = server.Registry.Open.Single();
        await FillAsync(server, client);
        var packet = WireClient.Packet(new byte[2 * Quarter]);
        byte[] burst = [.. client.Encode(Page, Page, Page, Page), .. packet.AsSpan(..(Quarter / 64))];
        await client.SendAsync(burst);
        await Operations.Eventually.Async(() => Task.FromResult(connection.State == ConnectionState.Sending));
        using var share = new BufferShare(server.Services.GetRequiredService<BufferBudget>(), connection);
        Assert.True(share.TryHold(BufferUse.Packet, Quarter));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Quarter, share.ByteSeconds(time, time.GetTimestamp()));
    }

    // Answers must wait in the server, but so few that its flush does not wait for the client.
    private static async Task FillAsync(TestServer server, WireClient client)
    {
        const int Unchanged = 2;
        var connection = server.Registry.Open.Single();
        var (before, same) = (-1L, 0);
        for (var sent = connection.MessagesSent; same < Unchanged; sent++)
        {
            await client.SendAsync(Page);
            while (connection.MessagesSent <= sent)
            {
                await Task.Yield();
            }

            var now = QueuedBytes(((System.Net.IPEndPoint)client.Socket.LocalEndPoint!).Port);
            same = now == before ? same + 1 : 0;
            before = now;
        }

        Assert.NotEqual(ConnectionState.Sending, connection.State);
    }

    /// <summary>The bytes between server and client in the kernel: unsent or unacknowledged at the server, unread at the client.</summary>
    private static long QueuedBytes(int clientPort)
    {
        var port = $":{clientPort:X4}";
        long queued = 0;
        foreach (var words in File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words[2].EndsWith(port, StringComparison.Ordinal))
            {
                queued += Number(words[4][..8]);
            }
            else if (words[1].EndsWith(port, StringComparison.Ordinal))
            {
                queued += Number(words[4][9..]);
            }
        }

        return queued;
    }

    private static long Number(string hexadecimal) => long.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
