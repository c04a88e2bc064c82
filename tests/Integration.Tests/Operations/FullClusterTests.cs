using System.Net.Sockets;
using NetworkProtocol.Messages;

namespace Integration.Tests.Operations;

/// <summary>Three full nodes behind HAProxy. No existing connection may end, and new connections are refused.</summary>
public sealed class FullClusterTests
{
    private const int MaxConnections = 40;
    private const int Clients = BalancedNodes.Count * MaxConnections;

    [Fact]
    public async Task Full_nodes_that_the_proxy_knows_no_limit_of_cut_nobody()
    {
        await using var nodes = await StartAsync(MaxConnections, maxConnectionsOfProxy: 950);
        var clients = await FillAsync(nodes);
        for (var index = 0; index < BalancedNodes.Count; index++)
        {
            await nodes.ProxySeesAsync(index, ready: false);
        }

        await NewClientsConnectOnlyWhenAClientDisconnectsAsync(nodes, clients);
    }

    [Fact]
    public async Task The_proxys_own_limit_refuses_newcomers_before_the_nodes_are_full()
    {
        await using var nodes = await StartAsync(MaxConnections + 2, maxConnectionsOfProxy: MaxConnections);
        await NewClientsConnectOnlyWhenAClientDisconnectsAsync(nodes, await FillAsync(nodes));
        Assert.DoesNotContain(" is stopping", nodes.ProxyLog, StringComparison.Ordinal);
    }

    private static Task<BalancedNodes> StartAsync(int maxConnections, int maxConnectionsOfProxy) => BalancedNodes.StartAsync(
        new Dictionary<string, string> { ["NODE_MAXCONN"] = $"{maxConnectionsOfProxy}" },
        // The server must send no Ping.
        $"--NetworkProtocol:Server:MaxConnections={maxConnections}", "--NetworkProtocol:Server:HeartbeatInterval=00:05:00");

    private static async Task<List<WireClient>> FillAsync(BalancedNodes nodes)
    {
        var clients = new List<WireClient>();
        while (clients.Count < Clients)
        {
            clients.Add(await ServedClient.ConnectAsync(nodes.EndPoint));
        }

        return clients;
    }

    private static async Task NewClientsConnectOnlyWhenAClientDisconnectsAsync(BalancedNodes nodes, List<WireClient> clients)
    {
        await AllAreServedAsync(clients);
        Assert.False(await TryComeAsync(nodes, clients));
        await AllAreServedAsync(clients);

        await clients[0].DisposeAsync();
        clients.RemoveAt(0);
        await Eventually.Async(() => TryComeAsync(nodes, clients), () => nodes.ProxyLog);
        Assert.False(await TryComeAsync(nodes, clients));
        await AllAreServedAsync(clients);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private static async Task<bool> TryComeAsync(BalancedNodes nodes, List<WireClient> clients)
    {
        try
        {
            clients.Add(await ServedClient.ConnectAsync(nodes.EndPoint));
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private static async Task AllAreServedAsync(List<WireClient> clients)
    {
        foreach (var client in clients)
        {
            await client.SendAsync(new Message.Ping());
            Assert.Equal(new Message.Pong(), await client.ReadAsync());
        }
    }
}
