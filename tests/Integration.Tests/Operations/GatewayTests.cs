using System.Net;
using static Integration.Tests.Operations.FirewalledGateway;

namespace Integration.Tests.Operations;

/// <summary>The rules of a gateway in front of the nodes, tested with packets through the gateway.</summary>
public sealed class GatewayTests
{
    [Fact]
    public async Task Clients_reach_the_nodes_in_turn_and_with_their_own_addresses()
    {
        await using var gateway = await StartAsync();
        using var listener = await gateway.Nodes.ListenAsync(IPAddress.Any, 8443);
        var nodes = new HashSet<string>();
        foreach (var _ in Nodes4)
        {
            var (_, asked) = await ConnectAsync(gateway.World, Stranger4, listener, Public4, 8443);
            Assert.Equal(Stranger4, ((IPEndPoint)asked.RemoteEndPoint!).Address.ToString());
            nodes.Add(((IPEndPoint)asked.LocalEndPoint!).Address.ToString());
            asked.Dispose();
        }

        Assert.Equal(Nodes4, nodes.Order(StringComparer.Ordinal));
        using var listener6 = await gateway.Nodes.ListenAsync(IPAddress.IPv6Any, 8443);
        var (_, asked6) = await ConnectAsync(gateway.World, Stranger6, listener6, Nodes6[2], 8443);
        Assert.Equal(Stranger6, ((IPEndPoint)asked6.RemoteEndPoint!).Address.ToString());
        asked6.Dispose();
    }

    [Fact]
    public async Task Renewal_reaches_the_node_that_renews()
    {
        await using var gateway = await StartAsync();
        using var listener = await gateway.Nodes.ListenAsync(IPAddress.Any, 80);
        var (_, asked) = await ConnectAsync(gateway.World, Stranger4, listener, Public4, 80);
        Assert.Equal(Nodes4[0], ((IPEndPoint)asked.LocalEndPoint!).Address.ToString());
        asked.Dispose();
        foreach (var port in (int[])[443, 80]) // for the authority and for updates
        {
            using var authority = await gateway.World.ListenAsync(IPAddress.Any, port);
            var (_, called) = await ConnectAsync(gateway.Nodes, Nodes4[0], authority, Stranger4, port);
            // To the internet, a node's requests come from the gateway's address.
            Assert.Equal(Public4, ((IPEndPoint)called.RemoteEndPoint!).Address.ToString());
            called.Dispose();
        }
    }

    [Fact]
    public async Task Nothing_else_comes_in_or_goes_out()
    {
        await using var gateway = await StartAsync();
        foreach (var port in (int[])[22, 80, 8080, 8443])
        {
            await gateway.Nodes.ListenAsync(IPAddress.IPv6Any, port);
            await gateway.Nodes.ListenAsync(IPAddress.Any, port);
            await gateway.Gateway.ListenAsync(IPAddress.Any, port);
        }

        await gateway.IsRefusedAsync(gateway.World, Stranger4, Nodes4[0], 8443); // a direct route, which bypasses the translation
        await gateway.IsRefusedAsync(gateway.World, Stranger4, Public4, 8080);
        await gateway.IsRefusedAsync(gateway.World, Stranger4, Public4, 22);
        await gateway.IsRefusedAsync(gateway.World, Stranger6, Nodes6[0], 8080);
        await gateway.IsRefusedAsync(gateway.World, Stranger6, Nodes6[1], 80);
        await gateway.IsRefusedAsync(gateway.World, Admin6, Nodes6[0], 22);
        await gateway.IsRefusedAsync(gateway.Nodes, Nodes4[0], Stranger4, 25);
        await gateway.IsRefusedAsync(gateway.Nodes, Nodes6[0], Stranger6, 8443);
        await (await gateway.World.ConnectAsync(Admin4, Public4, 22)).Connected.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Translated_connections_have_a_rate_too()
    {
        const int Asked = 150;
        await using var gateway = await StartAsync();
        await gateway.Nodes.ListenAsync(IPAddress.Any, 8443);
        var attempts = new List<Attempt>();
        for (var count = 0; count < Asked; count++)
        {
            attempts.Add(await gateway.World.ConnectAsync(Stranger4, Public4, 8443));
        }

        await Eventually.Async(
            async () => attempts.Count(attempt => attempt.Connected.IsCompletedSuccessfully) + await gateway.RefusedAsync() >= Asked);
        Assert.InRange(await gateway.RefusedAsync(), 1, Asked);
        await (await gateway.World.ConnectAsync(Admin4, Public4, 8443)).Connected.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(Stranger4, Public4)]
    [InlineData(Stranger6, "fd77:0:1::11")]
    public async Task A_node_learns_that_its_packets_are_too_big(string from, string to)
    {
        await using var gateway = await StartAsync();
        (await gateway.Nodes.RunAsync(FirewallRules.Edited("host.nft"), "nft", ["-f", "-"])).Good();
        using var listener = await gateway.Nodes.ListenAsync(IPAddress.Parse(from.Contains(':') ? "::" : "0.0.0.0"), 8443);
        var (client, node) = await ConnectAsync(gateway.World, from, listener, to, 8443);
        var answer = new byte[256 * 1024];
        var sending = node.SendAsync(answer);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var received = 0; received < answer.Length;)
        {
            received += await client.ReceiveAsync(answer, deadline.Token);
        }

        Assert.Equal(answer.Length, await sending);
        node.Dispose();
    }
}
