using System.Net;
using System.Text;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Connections;

namespace Integration.Tests;

public sealed class GuardTests
{
    public static TheoryData<string, string, CloseReason> HostileBytes => new()
    {
        { "an HTTP request", Hex("GET / HTTP/1.1\r\n\r\n"), CloseReason.BadMagic },
        { "a damaged magic", Hex("NPRX"), CloseReason.BadMagic },
        { "version 2", Hex("NPRO") + "02", CloseReason.BadVersion },
        { "a header of 4 GiB", Hex("NPRO") + "01FFFFFFFF", CloseReason.TooLarge },
        { "over 1 KiB before the handshake", Hex("NPRO") + "0100000401", CloseReason.TooLarge },
        { "a Ping before the handshake", Hex("NPRO") + "010000000400000000", CloseReason.HandshakeRefused },
        { "TLS where it is disabled", "160301", CloseReason.BadMagic },
        { "a PROXY header from nowhere", Hex("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), CloseReason.BadProxyHeader },
    };

    [Theory]
    [MemberData(nameof(HostileBytes))]
    public async Task Hostile_bytes_end_the_connection_at_once_with_their_reason(string what, string hex, CloseReason reason)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(Convert.FromHexString(hex));
        await client.ReadToEndAsync();
        Assert.True(reason == (await server.FirstClosedAsync()).Reason, what);
    }

    [Fact]
    public async Task A_port_check_is_a_client_that_disconnected()
    {
        await using var server = await TestServer.StartAsync();
        await (await WireClient.ConnectAsync(server.EndPoint)).DisposeAsync();
        Assert.Equal(CloseReason.ClientLeft, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_recorded_handshake_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var thief = await WireClient.ConnectAsync(server.EndPoint);
        await thief.SendAsync(client.Init);
        await thief.ReadToEndAsync();
        Assert.Equal(CloseReason.Replay, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_recorded_packet_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var packet = client.Encode(new Message.Echo("once"));
        await client.SendAsync(packet);
        Assert.Equal(new Message.Echo("once"), await client.ReadAsync());
        await client.SendAsync(packet);
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.Replay, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_reflected_packet_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await client.SendAsync(new Message.Echo("mirror"));
        await client.SendAsync(WireClient.Packet((await client.ReadPayloadAsync())!));
        await client.ReadToEndAsync();
        Assert.Equal(CloseReason.Replay, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task A_changed_packet_is_refused_and_what_came_before_is_answered()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        var bytes = client.Encode(new Message.Echo("good"), new Message.Echo("bad"));
        bytes[^1] ^= 1;
        await client.SendAsync(bytes);
        Assert.Equal(new Message.Echo("good"), await client.ReadAsync());
        Assert.Null(await client.ReadAsync());
        Assert.Equal(CloseReason.DidNotDecrypt, (await server.FirstClosedAsync()).Reason);
    }

    [Fact]
    public async Task One_connection_over_the_limit_is_closed_and_counted()
    {
        await using var server = await TestServer.StartAsync(new() { ["MaxConnections"] = "1" });
        await using var first = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var second = await WireClient.ConnectAsync(server.EndPoint);
        await second.ReadToEndAsync();
        Assert.Equal(CloseReason.ServerFull, (await server.FirstClosedAsync()).Reason);
        await first.SendAsync(new Message.Ping());
        Assert.IsType<Message.Pong>(await first.ReadAsync());
    }

    [Fact]
    public async Task One_address_has_its_own_limit_and_gets_its_place_back()
    {
        await using var server = await TestServer.StartAsync(new() { ["MaxConnectionsPerAddress"] = "1" });
        var first = await WireClient.ConnectSecureAsync(server.EndPoint);
        await using var second = await WireClient.ConnectAsync(server.EndPoint);
        await second.SendAsync("NPRO"u8.ToArray());
        await second.ReadToEndAsync();
        Assert.Equal(CloseReason.TooManyFromAddress, (await server.FirstClosedAsync()).Reason);
        await first.DisposeAsync();
        while (server.Registry.Count > 0)
        {
            await Task.Yield();
        }

        await using var third = await WireClient.ConnectSecureAsync(server.EndPoint);
    }

    [Fact]
    public async Task Silent_connections_of_one_address_have_its_limit_too()
    {
        await using var server = await TestServer.StartAsync(new() { ["MaxConnectionsPerAddress"] = "2", ["MaxConnections"] = "4" });
        await using var first = await WireClient.ConnectAsync(server.EndPoint);
        await using var second = await WireClient.ConnectAsync(server.EndPoint);
        for (var i = 0; i < 10; i++)
        {
            await using var refused = await WireClient.ConnectAsync(server.EndPoint);
            await refused.ReadToEndAsync();
        }

        Assert.All(await server.ClosedAsync(10), closed => Assert.Equal(CloseReason.TooManyFromAddress, closed.Reason));
        await using var honest = await WireClient.ConnectSecureAsync(server.EndPoint, from: IPAddress.Parse("127.0.0.2"));
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_each_client_has_its_own_limit()
    {
        await using var server = await TestServer.StartAsync(
            new() { ["MaxConnectionsPerAddress"] = "1", ["TrustedProxies:0"] = "127.0.0.0/8" });
        // The proxy's connection, which has not sent the client's address yet.
        await using var silent = await WireClient.ConnectAsync(server.EndPoint);
        await using var first = await ProxiedAsync(server, "192.0.2.1");
        await first.ShakeHandsAsync(TimeProvider.System.GetUtcNow());
        await using var other = await ProxiedAsync(server, "192.0.2.2");
        await other.ShakeHandsAsync(TimeProvider.System.GetUtcNow());
        await using var second = await ProxiedAsync(server, "192.0.2.1");
        await second.SendAsync("NPRO"u8.ToArray());
        await second.ReadToEndAsync();
        Assert.Equal(CloseReason.TooManyFromAddress, (await server.FirstClosedAsync()).Reason);
    }

    private static async Task<WireClient> ProxiedAsync(TestServer server, string address)
    {
        var client = await WireClient.ConnectAsync(server.EndPoint);
        await client.SendAsync(Encoding.ASCII.GetBytes($"PROXY TCP4 {address} 192.0.2.99 1 2\r\n"));
        return client;
    }

    [Theory]
    [InlineData("50524F58592054435034203139322E302E322E31203139322E302E322E3220313233342038343433" + "0D0A")]
    [InlineData("0D0A0D0A000D0A515549540A" + "2111000C" + "C0000201C000020204D220FB")]
    public async Task A_trusted_proxy_names_the_client(string header)
    {
        await using var server = await TestServer.StartAsync(new() { ["TrustedProxies:0"] = "127.0.0.0/8" });
        await using var client = await WireClient.ConnectAsync(server.EndPoint);
        foreach (var one in Convert.FromHexString(header))
        {
            await client.SendAsync(new[] { one });
        }

        await client.ShakeHandsAsync(TimeProvider.System.GetUtcNow());
        await client.SendAsync(new Message.Disconnect());
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:1234"), (await server.FirstClosedAsync()).RemoteEndPoint);
    }

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));
}
