using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>A node with the rules that operators get, linked to one machine that plays all other hosts.</summary>
internal sealed partial class FirewalledNode : IAsyncDisposable
{
    public const string Node4 = "10.77.1.1";
    public const string Node6 = "fd77:0:1::1";
    public const string Admin4 = "10.77.2.2";
    public const string Admin6 = "fd77:0:a::2";
    public const string Monitor4 = "10.77.2.18";
    public const string Monitor6 = "fd77:0:b::2";
    public const string Stranger4 = "10.77.3.2";
    public const string OtherStranger4 = "10.77.3.3";
    public const string Stranger6 = "fd77:0:c::2";
    public const string StrangersNeighbour6 = "fd77:0:c::3"; // in the same /64
    public const string OtherStranger6 = "fd77:0:d::2";

    private readonly Dictionary<int, Socket> _listeners = [];

    private FirewalledNode(NetworkNamespace node, NetworkNamespace others) => (Node, Others) = (node, others);

    public NetworkNamespace Node { get; }

    public NetworkNamespace Others { get; }

    /// <summary>Sets up the link and listens on every port. There are no rules yet.</summary>
    public static async Task<FirewalledNode> StartAsync()
    {
        var made = new FirewalledNode(await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        await made.Node.SetUpAsync($"""
            link add eth0 type veth peer name eth0 netns {made.Others.Name}
            address add {Node4}/16 dev eth0
            address add {Node6}/32 dev eth0 nodad
            link set eth0 up
            """);
        string[] four = [Admin4, Monitor4, Stranger4, OtherStranger4];
        string[] six = [Admin6, Monitor6, Stranger6, StrangersNeighbour6, OtherStranger6];
        await made.Others.SetUpAsync(string.Join('\n', [
            .. four.Select(address => $"address add {address}/16 dev eth0"),
            .. six.Select(address => $"address add {address}/32 dev eth0 nodad"),
            "link set eth0 up",
        ]));
        foreach (var port in (int[])[22, 80, 8080, 8404, 8443, 9100, 9999])
        {
            await made.Node.ListenAsync(IPAddress.IPv6Any, port);
            made._listeners[port] = await made.Node.ListenAsync(IPAddress.Any, port);
        }

        return made;
    }

    /// <summary>Loads the rules of <c>nft</c> or <c>iptables</c>, with the test's addresses in place of documentation addresses.</summary>
    public async Task LoadAsync(string kind)
    {
        if (kind == "nft")
        {
            (await Node.RunAsync(FirewallRules.Edited("host.nft"), "nft", ["-f", "-"])).Good();
            return;
        }

        (await Node.RunAsync(FirewallRules.Edited("iptables.rules"), "iptables-restore", [])).Good();
        (await Node.RunAsync(FirewallRules.Edited("ip6tables.rules"), "ip6tables-restore", [])).Good();
    }

    /// <summary>The number of packets that the rules dropped by default, over both versions of IP.</summary>
    public async Task<int> RefusedAsync(string kind) => kind == "nft"
        ? await NftRefusedAsync(Node)
        : Number(IptablesDrops(), (await Node.RunAsync("iptables", "-nvxL", "REFUSED")).Good().Output)
            + Number(IptablesDrops(), (await Node.RunAsync("ip6tables", "-nvxL", "REFUSED")).Good().Output);

    public static async Task<int> NftRefusedAsync(NetworkNamespace machine) =>
        Number(NftDrops(), (await machine.RunAsync("nft", "list", "chain", "inet", "network_protocol", "refused")).Good().Output);

    /// <summary>The number of lines that the rules logged.</summary>
    public async Task<int> LoggedAsync(string kind) => kind == "nft"
        ? Number(NftLines(), (await Node.RunAsync("nft", "list", "chain", "inet", "network_protocol", "refused")).Good().Output)
        : Number(IptablesLines(), (await Node.RunAsync("iptables", "-nvxL", "REFUSED")).Good().Output);

    /// <summary>Accepts the next connection to a port over IPv4.</summary>
    public async Task<Socket> AcceptAsync(int port) => await _listeners[port].AcceptAsync();

    public async Task PassesAsync(string from, string to, int port)
    {
        var attempt = await Others.ConnectAsync(from, to, port);
        try
        {
            await attempt.Connected.WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{from} does not reach port {port} of {to}");
        }
    }

    /// <summary>Waits until the rules have dropped the connection's first packet.</summary>
    public async Task IsRefusedAsync(string kind, string from, string to, int port)
    {
        var before = await RefusedAsync(kind);
        var attempt = await Others.ConnectAsync(from, to, port);
        await Eventually.Async(async () => await RefusedAsync(kind) > before || attempt.Connected.IsCompleted, () => $"{from} to {port}");
        Assert.False(attempt.Connected.IsCompleted, $"{from} reaches port {port} of {to}");
        attempt.Socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await Others.DisposeAsync();
        await Node.DisposeAsync();
    }

    private static int Number(Regex where, string text) => int.Parse(where.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"counter packets (\d+) bytes \d+ drop")]
    private static partial Regex NftDrops();

    [GeneratedRegex(@"counter packets (\d+) bytes \d+ log")]
    private static partial Regex NftLines();

    [GeneratedRegex(@"(\d+) +\d+ +DROP +(?!.*PKTTYPE)", RegexOptions.RightToLeft)]
    private static partial Regex IptablesDrops();

    [GeneratedRegex(@"(\d+) +\d+ +LOG ")]
    private static partial Regex IptablesLines();
}
