using System.Globalization;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

/// <summary>The most memory that a stranger can make the program use, from the peak in /proc, which misses nothing.</summary>
[Trait("Needs", "Program")]
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
    public async Task A_full_budget_ends_the_slow_who_hold_it_and_never_the_newcomer()
    {
        const int Slow = 4, Newcomers = 40;
        await using var server = await TestServer.StartAsync(
            new() { ["MaxBufferedBytes"] = "16777216", ["HeartbeatInterval"] = "01:00:00" });
        var half = WireClient.Packet(new byte[PacketHeader.MaxPayloadLength]).AsMemory(..(3 * 1024 * 1024));
        var slow = await Task.WhenAll(Enumerable.Range(0, Slow).Select(_ => WireClient.ConnectSecureAsync(server.EndPoint)));
        await Task.WhenAll(slow.Select(client => client.SendAsync(half)));
        var echo = new Message.Echo(new string('x', 1024 * 1024));
        for (var i = 0; i < Newcomers; i++)
        {
            await using var honest = await WireClient.ConnectSecureAsync(server.EndPoint);
            var sending = honest.SendAsync(echo);
            Assert.Equal(echo, await honest.ReadAsync());
            await sending;
        }

        var ended = server.Registry.Closed.Where(closed => closed.Reason == CloseReason.ServerFull).ToArray();
        Assert.All(ended, closed => Assert.InRange(closed.Id, 1, Slow));
        await Task.WhenAll(slow.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Answers_that_wait_for_a_client_that_does_not_read_are_in_the_budget()
    {
        await using var server = await TestServer.StartAsync(
            new() { ["MaxBufferedBytes"] = "16777216", ["HeartbeatInterval"] = "01:00:00" });
        var echo = new Message.Echo(new string('x', 12 * 1024 * 1024));
        await using var first = await WireClient.ConnectSecureAsync(server.EndPoint);
        await first.SendAsync(echo);
        await Operations.Eventually.Async(
            () => Task.FromResult(server.Registry.Open.Single().Activity.FlushStarted != 0), () => "nothing waits");
        await using var second = await WireClient.ConnectSecureAsync(server.EndPoint);
        var sending = second.SendAsync(echo);
        Assert.Equal(echo, await second.ReadAsync());
        await sending;
        var ended = await server.FirstClosedAsync();
        Assert.Equal((1, CloseReason.ServerFull), (ended.Id, ended.Reason));
    }

    [Theory]
    [InlineData("secure", 256)]
    [InlineData("TLS", 384)]
    public async Task A_client_that_does_not_read_costs_no_more_than_a_connection_is_reckoned_with(string transport, int mostKiB)
    {
        const int First = 100, More = 300;
        using var files = CertificateFiles.Create();
        await using var server = await ServerProcess.StartAsync(
            "--NetworkProtocol:Server:Tls:Mode=Optional",
            $"--NetworkProtocol:Server:Tls:CertificatePath={files.Certificate}", $"--NetworkProtocol:Server:Tls:KeyPath={files.Key}");
        // The first connections pay for one-time costs, which the measurement must not contain.
        await using var first = await UnreadCrowd.OpenAsync(server.Protocol, transport == "TLS", First);
        var before = await ResidentAsync(server);
        await using var more = await UnreadCrowd.OpenAsync(server.Protocol, transport == "TLS", More);
        Assert.InRange((await ResidentAsync(server) - before) / More, 0, mostKiB * 1024);
    }

    private static Task<long> PeakAsync(ServerProcess server) => StatusAsync(server, "VmHWM");

    private static Task<long> ResidentAsync(ServerProcess server) => StatusAsync(server, "VmRSS");

    private static async Task<long> StatusAsync(ServerProcess server, string figure)
    {
        var line = (await File.ReadAllLinesAsync($"/proc/{server.Id}/status"))
            .Single(line => line.StartsWith(figure, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
