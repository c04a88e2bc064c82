using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using static Integration.Tests.Operations.FirewalledNode;

namespace Integration.Tests.Operations;

/// <summary>The rules of a node's host, loaded into the kernel and tested with real packets.</summary>
public sealed class FirewallTests
{
    private const int Burst = 100;
    private const int PerSecond = 20;

    [Theory]
    [InlineData("host.nft")]
    [InlineData("dmz.nft")]
    public async Task Nft_finds_no_fault_with_the_files_as_they_are(string name)
    {
        await using var machine = await NetworkNamespace.CreateAsync();
        Assert.Equal("", (await machine.RunAsync("nft", "-c", "-f", Repository.Deploy($"firewall/{name}"))).Good().All);
    }

    [Theory]
    [InlineData("iptables")]
    [InlineData("ip6tables")]
    public async Task Iptables_finds_no_fault_with_the_files_as_they_are(string program)
    {
        await using var machine = await NetworkNamespace.CreateAsync();
        Assert.Equal(
            "", (await machine.RunAsync($"{program}-restore", "--test", Repository.Deploy($"firewall/{program}.rules"))).Good().All);
    }

    [Theory]
    [InlineData("nft", Admin4, Monitor4, Stranger4, Node4)]
    [InlineData("nft", Admin6, Monitor6, Stranger6, Node6)]
    [InlineData("iptables", Admin4, Monitor4, Stranger4, Node4)]
    [InlineData("iptables", Admin6, Monitor6, Stranger6, Node6)]
    public async Task Who_may_come_in_comes_in_and_nobody_else(string kind, string admin, string monitor, string stranger, string to)
    {
        await using var node = await FirewalledNode.StartAsync();
        await node.LoadAsync(kind);
        await Task.WhenAll(
            node.PassesAsync(stranger, to, 8443), node.PassesAsync(stranger, to, 80), node.PassesAsync(monitor, to, 8080),
            node.PassesAsync(monitor, to, 9100), node.PassesAsync(monitor, to, 8404),
            node.PassesAsync(admin, to, 8080), node.PassesAsync(admin, to, 22));
        await node.IsRefusedAsync(kind, stranger, to, 8080);
        await node.IsRefusedAsync(kind, stranger, to, 22);
        await node.IsRefusedAsync(kind, monitor, to, 22);
        await node.IsRefusedAsync(kind, admin, to, 9999);
        foreach (var port in (int[])[9100, 8404])
        {
            await node.IsRefusedAsync(kind, stranger, to, port);
            await node.IsRefusedAsync(kind, admin, to, port);
        }
    }

    [Theory]
    [InlineData("nft", Stranger4, Stranger4, OtherStranger4, Node4)]
    [InlineData("nft", Stranger6, StrangersNeighbour6, OtherStranger6, Node6)]
    [InlineData("iptables", Stranger4, Stranger4, OtherStranger4, Node4)]
    [InlineData("iptables", Stranger6, StrangersNeighbour6, OtherStranger6, Node6)]
    public async Task An_address_opens_connections_at_its_rate_and_others_do_not_feel_it(
        string kind, string one, string same, string other, string to)
    {
        const int Asked = 150;
        await using var node = await FirewalledNode.StartAsync();
        await node.LoadAsync(kind);
        var clock = Stopwatch.StartNew();
        var attempts = new List<Attempt>();
        for (var count = 0; count < Asked; count++)
        {
            attempts.Add(await node.Others.ConnectAsync(count % 2 == 0 ? one : same, to, 8443));
        }

        var passed = 0;
        await Eventually.Async(async () =>
        {
            passed = attempts.Count(attempt => attempt.Connected.IsCompletedSuccessfully);
            return passed + await node.RefusedAsync(kind) >= Asked;
        });
        Assert.InRange(passed, Burst, Math.Min(Asked - 1, Burst + 1 + (int)(clock.Elapsed.TotalSeconds * PerSecond)));
        await node.PassesAsync(other, to, 8443);
        await node.PassesAsync(one, to, 8443); // the kernel repeats the refused packet, and the rules accept it later
    }

    [Theory]
    [InlineData("nft", Admin4, Node4)]
    [InlineData("nft", Admin6, Node6)]
    [InlineData("iptables", Admin4, Node4)]
    [InlineData("iptables", Admin6, Node6)]
    public async Task Even_from_an_administrators_network_ssh_has_a_rate(string kind, string admin, string to)
    {
        const int Asked = 30;
        const int SshBurst = 20;
        await using var node = await FirewalledNode.StartAsync();
        await node.LoadAsync(kind);
        var attempts = await Task.WhenAll(Enumerable.Range(0, Asked).Select(_ => node.Others.ConnectAsync(admin, to, 22)));
        int Passed() => attempts.Count(attempt => attempt.Connected.IsCompletedSuccessfully);
        await Eventually.Async(async () => Passed() + await node.RefusedAsync(kind) >= Asked);
        Assert.InRange(Passed(), SshBurst, SshBurst + 2); // two more connections may pass within twelve seconds
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables")]
    public async Task Connections_live_on_when_rules_are_loaded_and_loaded_again(string kind)
    {
        await using var node = await FirewalledNode.StartAsync();
        using var client = (await node.Others.ConnectAsync(Stranger4, Node4, 8443)).Socket;
        using var served = await node.AcceptAsync(8443);
        // Once there are rules, nobody may connect to this port.
        using var monitor = (await node.Others.ConnectAsync(Stranger4, Node4, 9999)).Socket;
        using var monitored = await node.AcceptAsync(9999);

        // The kernel tracks connections only once rules need that, so the next packet of each connection is the first that it tracks.
        await node.LoadAsync(kind);
        await AnswersAsync(client, served);
        await AnswersAsync(monitored, monitor);
        await node.LoadAsync(kind);
        await AnswersAsync(served, client);
        await AnswersAsync(monitor, monitored);
        await node.IsRefusedAsync(kind, Stranger4, Node4, 9999);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables")]
    public async Task Echoes_are_answered_and_neighbours_found(string kind)
    {
        await using var node = await FirewalledNode.StartAsync();
        await node.LoadAsync(kind);
        foreach (var (to, machine) in ((string, NetworkNamespace)[])[(Node4, node.Others), (Node6, node.Others), (Stranger6, node.Node)])
        {
            Assert.Equal(IPStatus.Success, await machine.InsideAsync(() =>
            {
                using var ping = new Ping();
                return ping.Send(to, timeout: 5000).Status;
            }));
        }

        // Each side has just asked for the other's link address, and the node's answers need a rule as its requests do.
        Assert.Matches("REACHABLE|DELAY|STALE", (await node.Node.RunAsync("ip", "-6", "neighbour", "show", Stranger6)).Good().Output);
    }

    [Theory]
    [InlineData("nft")]
    [InlineData("iptables")]
    public async Task Refusals_are_logged_up_to_a_limit(string kind)
    {
        const int Asked = 60;
        await using var node = await FirewalledNode.StartAsync();
        await node.LoadAsync(kind);
        await Task.WhenAll(Enumerable.Range(0, Asked).Select(_ => node.Others.ConnectAsync(Stranger4, Node4, 9999)));
        await Eventually.Async(async () => await node.RefusedAsync(kind) >= Asked);
        Assert.InRange(await node.LoggedAsync(kind), 20, 25);
    }

    private static async Task AnswersAsync(Socket from, Socket to)
    {
        await from.SendAsync("word"u8.ToArray());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.Equal(4, await to.ReceiveAsync(new byte[16], deadline.Token));
    }
}
