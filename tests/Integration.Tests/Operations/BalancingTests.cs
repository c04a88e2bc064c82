using Xunit.Abstractions;

namespace Integration.Tests.Operations;

/// <summary>
/// Three nodes behind HAProxy under load. The tests kill one node and restart all in turn. They run alone, because they measure times.
/// </summary>
[Collection(nameof(Alone))]
public sealed class BalancingTests(ITestOutputHelper output)
{
    private const int Clients = 60;

    private static readonly TimeSpan LongestWithChecks = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWithAddresses = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("leastconn")]
    [InlineData("source")]
    public async Task The_configuration_has_no_warning(string balance)
    {
        var start = new System.Diagnostics.ProcessStartInfo("haproxy", ["-dW", "-c", .. BalancedNodes.Files]);
        start.Environment["BALANCE"] = balance;
        Assert.Equal("Configuration file is valid", (await Tool.RunAsync(start)).Good().All.Trim());
    }

    [Fact]
    public async Task A_killed_node_costs_its_clients_a_moment()
    {
        await using var nodes = await BalancedNodes.StartAsync();
        var duration = LongestWithChecks + TimeSpan.FromSeconds(4);
        await using var proxied = await Bench.StartAsync(duration, Clients, nodes.Address, "--plain");
        await using var direct = await Bench.StartAsync(duration, Clients, [.. Direct(nodes), "--plain"]);
        await nodes[0].SignalAsync("KILL");
        var (checks, addresses) = (await proxied.ResultAsync(), await direct.ResultAsync());
        output.WriteLine($"through the proxy: {checks}");
        output.WriteLine($"several addresses: {addresses}");
        Assert.InRange(checks.SilenceP99, 0, LongestWithChecks.TotalMilliseconds);
        Assert.InRange(addresses.SilenceP99, 0, LongestWithAddresses.TotalMilliseconds);
    }

    [Fact]
    public async Task Nodes_that_stop_or_are_drained_and_come_back_fail_no_request()
    {
        await using var nodes = await BalancedNodes.StartAsync();
        await using var bench = await Bench.StartAsync(LongestRun, Clients, nodes.Address, "--plain");
        await nodes.StopNodeAsync(0); // by SIGTERM
        await nodes.StartNodeAsync(0);
        await nodes.ProxySeesAsync(0, ready: true);
        var drained = await Operator.OfAsync(nodes[1]); // the test does not dispose of the operators, because that would end their nodes
        await drained.RunAsync("drain");
        Assert.Equal("The drain is undone: the server accepts connections again.\n", await drained.RunAsync("drain", "--undo"));
        await nodes.ProxySeesAsync(1, ready: true);
        var announced = await Operator.OfAsync(nodes[2]);
        await announced.RunAsync("drain", "--no-wait");
        await nodes.ProxySeesAsync(2, ready: false);
        await announced.RunAsync("drain", "--undo");
        await nodes.ProxySeesAsync(2, ready: true);
        var result = await bench.StopAsync();
        output.WriteLine($"{result}");
        Assert.True(result.Failed == 0, $"{result}\n{bench.Printed}\n{nodes.ProxyLog}");
        Assert.InRange(result.Answered, 1, long.MaxValue);
    }

    [Fact]
    public async Task The_proxys_cost_in_p50()
    {
        await using var nodes = await BalancedNodes.StartAsync();
        var duration = TimeSpan.FromSeconds(1);
        var medians = new Dictionary<string, List<double>> { [nodes.NodeAddresses.First()] = [], [nodes.Address] = [] };
        for (var i = 0; i < 4; i++)
        {
            var address = medians.Keys.ElementAt(i % 2); // in turn, so that other load on the machine affects both
            await using var bench = await Bench.StartAsync(duration, clients: 1, address, "--plain", "--interval", "00:00:00");
            medians[address].Add((await bench.ResultAsync()).P50);
        }

        var (direct, proxied) = (medians.First().Value.Min(), medians.Last().Value.Min());
        output.WriteLine(
            FormattableString.Invariant($"p50 {direct:0.000} ms direct, {proxied:0.000} ms through the proxy: {proxied / direct:0.00}"));
        Assert.InRange(direct, 0.001, proxied * 2); // the test only checks that there is a figure, because it cannot guarantee speed
    }

    private static IEnumerable<string> Direct(BalancedNodes nodes) =>
        [nodes.NodeAddresses.First(), .. nodes.NodeAddresses.Skip(1).SelectMany(address => new[] { "--also", address })];
}
