using System.Net;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The node that a client reaches, and the information that the node has about the client.</summary>
public sealed partial class AffinityTests
{
    private const string AtOnce = "--NetworkProtocol:Server:DrainDelay=00:00:00"; // there are no clients that could lose a connection

    private static readonly IPAddress[] Sources = [.. Enumerable.Range(1, 12).Select(last => IPAddress.Parse($"127.0.9.{last}"))];

    [Fact]
    public async Task A_node_logs_the_clients_own_address()
    {
        await using var nodes = await BalancedNodes.StartAsync("leastconn", AtOnce, "--Serilog:MinimumLevel:Default=Debug");
        string client;
        await using (var connection = await ServedClient.ConnectAsync(nodes.EndPoint, from: Sources[0]))
        {
            client = $"{connection.Socket.LocalEndPoint}";
        }

        var logs = new List<string>();
        for (var index = 0; index < BalancedNodes.Count; index++)
        {
            await nodes[index].SignalAsync("TERM");
            await nodes[index].WaitForExitAsync();
            logs.Add(nodes[index].Output);
        }

        Assert.NotEqual("0", nodes.ProxyUser);
        Assert.StartsWith("127.0.9.1:", client, StringComparison.Ordinal);
        Assert.Single(logs, log => log.Contains($" from {client} ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_affinity_by_source_a_client_stays_and_only_those_of_a_lost_node_move()
    {
        await using var nodes = await BalancedNodes.StartAsync("source", AtOnce);
        var before = await VisitAsync(nodes);
        Assert.Equal(before, await VisitAsync(nodes));
        Assert.InRange(before.Values.Distinct().Count(), 2, BalancedNodes.Count);

        var lost = before.Values.First();
        var index = lost[^1] - '1';
        await nodes.StopNodeAsync(index);
        await nodes.ProxySeesAsync(index, ready: false);
        var without = await VisitAsync(nodes);
        Assert.DoesNotContain(lost, without.Values);
        Assert.All(before.Where(visit => visit.Value != lost), visit => Assert.Equal(visit.Value, without[visit.Key]));

        await nodes.StartNodeAsync(index);
        await nodes.ProxySeesAsync(index, ready: true);
        Assert.Equal(before, await VisitAsync(nodes));
    }

    /// <summary>Connects once from each address, and returns the node that it reached.</summary>
    private static async Task<SortedDictionary<string, string>> VisitAsync(BalancedNodes nodes)
    {
        var visits = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in Sources)
        {
            string client;
            await using (var connection = await ServedClient.ConnectAsync(nodes.EndPoint, from: source))
            {
                client = $"{connection.Socket.LocalEndPoint}";
            }

            await Eventually.Async(() => Task.FromResult(nodes.ProxyLog.Contains(client, StringComparison.Ordinal)), () => nodes.ProxyLog);
            visits[$"{source}"] = Visit().Matches(nodes.ProxyLog).Last(visit => visit.Groups[1].Value == client).Groups[2].Value;
        }

        return visits;
    }

    [GeneratedRegex(@"(127\.0\.9\.\d+:\d+) \S+ protocol nodes/(node\d)")]
    private static partial Regex Visit();
}
