using System.Globalization;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>What a stranger can make the program hold: its peak in /proc, which misses nothing.</summary>
public sealed class MemoryTests
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";
    private const long Flat = 48L * 1024 * 1024;

    [Fact]
    public async Task Fifty_thousand_pipelined_requests_leave_memory_flat()
    {
        const int Count = 50_000;
        await using var server = await ServerProcess.StartAsync(Plain);
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        var before = await PeakAsync(server);
        var sending = client.SendAsync(client.Encode([.. Enumerable.Repeat(new Message.Echo(new string('x', 200)), Count)]));
        for (var i = 0; i < Count; i++)
        {
            Assert.NotNull(await client.ReadAsync());
        }

        await sending;
        Assert.InRange(await PeakAsync(server) - before, 0, Flat);
    }

    [Fact]
    public async Task A_client_that_sends_and_never_reads_is_ended_in_bounded_memory()
    {
        await using var server = await ServerProcess.StartAsync(Plain, "--NetworkProtocol:Server:SlowReaderTimeout=00:00:00.500");
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        var before = await PeakAsync(server);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(async () =>
        {
            while (true)
            {
                await client.SendAsync(new Message.Echo(new string('x', 10_000)));
            }
        });
        Assert.InRange(await PeakAsync(server) - before, 0, Flat);
    }

    [Fact]
    public async Task A_header_s_claim_takes_no_memory()
    {
        const int Clients = 200;
        await using var server = await ServerProcess.StartAsync(Plain);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => WireClient.ConnectSecureAsync(server.Protocol)));
        var before = await PeakAsync(server);
        var header = new byte[PacketHeader.Size + 100];
        PacketHeader.Write(header, PacketHeader.MaxPayloadLength);
        await Task.WhenAll(clients.Select(client => client.SendAsync(header)));
        await using (var honest = await WireClient.ConnectSecureAsync(server.Protocol))
        {
            await honest.SendAsync(new Message.Ping());
            Assert.IsType<Message.Pong>(await honest.ReadAsync());
        }

        Assert.InRange(await PeakAsync(server) - before, 0, Flat);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Packets_that_are_not_whole_have_one_budget_and_get_it_back()
    {
        const int Sent = 12 * 1024 * 1024;
        await using var server = await TestServer.StartAsync(new() { ["MaxBufferedBytes"] = "16777216", ["HeartbeatInterval"] = "01:00:00" });
        await using var first = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var second = await WireClient.ConnectSecureAsync(server.EndPoint);
        var echo = new Message.Echo(new string('x', Sent));
        var packet = first.Encode(echo);
        await first.SendAsync(packet.AsMemory(..^1));
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(async () =>
        {
            await second.SendAsync(second.Encode(echo).AsMemory(..^1));
            while (true)
            {
                await second.SendAsync(new byte[1]);
                await Task.Yield();
            }
        });
        Assert.Equal(CloseReason.ServerFull, (await server.FirstClosedAsync()).Reason);
        await first.SendAsync(packet.AsMemory(^1..));
        Assert.Equal(echo, await first.ReadAsync());

        await using var third = await WireClient.ConnectSecureAsync(server.EndPoint);
        await third.SendAsync(echo);
        Assert.Equal(echo, await third.ReadAsync());
    }

    private static async Task<long> PeakAsync(ServerProcess server)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{server.Id}/status")).Single(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
