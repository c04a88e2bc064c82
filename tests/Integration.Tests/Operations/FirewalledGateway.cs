using System.Net.Sockets;

namespace Integration.Tests.Operations;

/// <summary>A gateway with the rules that operators get, between the internet and the addresses of three nodes.</summary>
internal sealed class FirewalledGateway : IAsyncDisposable
{
    public const string Public4 = "10.78.0.1";
    public const string Outside6 = "fd77:0:e::1";
    public const string Inside4 = "10.79.0.1";
    public const string Inside6 = "fd77:0:1::1";
    public const string Stranger4 = "10.78.0.9";
    public const string Stranger6 = "fd77:0:e::9";
    public const string Admin4 = "10.77.2.2";
    public const string Admin6 = "fd77:0:a::2";
    public static readonly string[] Nodes4 = ["10.79.0.11", "10.79.0.12", "10.79.0.13"];
    public static readonly string[] Nodes6 = ["fd77:0:1::11", "fd77:0:1::12", "fd77:0:1::13"];

    private FirewalledGateway(NetworkNamespace gateway, NetworkNamespace world, NetworkNamespace nodes) =>
        (Gateway, World, Nodes) = (gateway, world, nodes);

    public NetworkNamespace Gateway { get; }

    public NetworkNamespace World { get; }

    public NetworkNamespace Nodes { get; }

    /// <summary>Sets up links, routes and rules. The link to the internet has a smaller MTU than the nodes' link.</summary>
    public static async Task<FirewalledGateway> StartAsync()
    {
        var made = new FirewalledGateway(
            await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        await made.Gateway.SetUpAsync($"""
            link add eth0 type veth peer name eth0 netns {made.World.Name}
            link add eth1 type veth peer name eth0 netns {made.Nodes.Name}
            link set eth0 mtu 1300
            address add {Public4}/24 dev eth0
            address add {Outside6}/64 dev eth0 nodad
            address add {Inside4}/24 dev eth1
            address add {Inside6}/64 dev eth1 nodad
            link set eth0 up
            link set eth1 up
            route add 10.77.0.0/16 dev eth0
            route add fd77:0:a::/64 dev eth0
            """);
        await made.World.SetUpAsync($"""
            address add {Stranger4}/24 dev eth0
            address add {Admin4}/16 dev eth0
            address add {Stranger6}/64 dev eth0 nodad
            address add {Admin6}/64 dev eth0 nodad
            link set eth0 up
            route add 10.79.0.0/24 via {Public4}
            route add fd77:0:1::/64 via {Outside6}
            """);
        await made.Nodes.SetUpAsync(string.Join('\n', [
            .. Nodes4.Select(address => $"address add {address}/24 dev eth0"),
            .. Nodes6.Select(address => $"address add {address}/64 dev eth0 nodad"),
            "link set eth0 up",
            $"route add default via {Inside4}",
            $"route add default via {Inside6}",
        ]));
        (await made.Gateway.RunAsync(
            FirewallRules.Edited("dmz.nft"), "bash",
            ["-c", "nft -f - && echo 1 >/proc/sys/net/ipv4/ip_forward && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"])).Good();
        return made;
    }

    /// <summary>Connects from one machine to another, and returns both ends.</summary>
    public static async Task<(Socket Asking, Socket Asked)> ConnectAsync(
        NetworkNamespace from, string source, Socket listener, string to, int port)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var attempt = await from.ConnectAsync(source, to, port);
        var asked = await listener.AcceptAsync(deadline.Token);
        await attempt.Connected;
        return (attempt.Socket, asked);
    }

    public async Task<int> RefusedAsync() => await FirewalledNode.NftRefusedAsync(Gateway);

    /// <summary>Waits until the gateway has dropped the connection's first packet.</summary>
    public async Task IsRefusedAsync(NetworkNamespace from, string source, string to, int port)
    {
        var before = await RefusedAsync();
        var attempt = await from.ConnectAsync(source, to, port);
        await Eventually.Async(
            async () => await RefusedAsync() > before || attempt.Connected.IsCompleted, () => $"{source} to {to}:{port}");
        Assert.False(attempt.Connected.IsCompleted, $"{source} reaches port {port} of {to}");
        attempt.Socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        await Nodes.DisposeAsync();
        await Gateway.DisposeAsync();
    }
}
