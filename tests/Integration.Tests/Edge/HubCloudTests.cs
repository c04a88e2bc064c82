using NetworkProtocol.Admin;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>A message's way from a sensor over edge and hub to the next hub, with the real programs, while the hub is killed.</summary>
[Trait("Needs", "Program")]
public sealed class HubCloudTests : IAsyncDisposable, IAsyncLifetime
{
    private const string Topic = "room1/temperature";
    private const string TopicThere = $"edge1/{Topic}";

    private static readonly int Kills = Environment.GetEnvironmentVariable("FORWARD_KILLS") is { Length: > 0 } given
        ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
        : 3;

    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(3) + (Kills * TimeSpan.FromSeconds(20)));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task The_cloud_has_each_message_once_and_the_hubs_rollups_though_hub_and_cloud_are_killed()
    {
        // The time is long ago, so that minute, hour and day are over: each message is a late one, and corrects them.
        var since = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-6);
        var forward = _nodes.ForwardTo("Both");
        await _nodes.StartHubAsync(forward);
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        Sensor[] sensors =
        [
            new(client, Topic, 0, since: since), new(client, Topic, 100_000, since: since),
            new(client, Topic, 200_000, Lane.Alarm, since), // the lanes overtake each other
        ];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var running = Task.WhenAll(sensors.Select(sensor => sensor.RunAsync(stop.Token)));
        using (var http = new HttpClient { BaseAddress = _nodes.Hub.Http })
        {
            Assert.True((await http.GetAsync("/ready", _end.Token)).IsSuccessStatusCode); // the cloud is away
        }

        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(Random.Shared.Next(100, 700), _end.Token); // the moment of the kill is what is random here
            await _nodes.KillHubAsync();
            await _nodes.StartHubAsync(forward);
            await (kill == 0 ? _nodes.StartCloudAsync() : Task.CompletedTask);
        }

        await _nodes.KillCloudAsync();
        await stop.CancelAsync();
        await running;
        await _nodes.StartCloudAsync();
        var (hub, hubHttp) = await _nodes.ConnectAsync();
        using var _ = hubHttp;
        var (cloud, cloudHttp) = await EdgeAndHub.ConnectAsync(_nodes.Cloud);
        using var __ = cloudHttp;
        var acknowledged = sensors.SelectMany(sensor => sensor.Acknowledged).ToHashSet();
        var rollups = await UntilSameAsync(hub, cloud, acknowledged.Count);
        var readings = NumbersOf(await EdgeAndHub.ReadAllAsync(cloud, TopicThere, _end.Token));
        Assert.True(acknowledged.IsSubsetOf(readings), $"lost {string.Join(' ', acknowledged.Except(readings).Take(20))}");
        Assert.Equal(NumbersOf(await EdgeAndHub.ReadAllAsync(hub, Topic, _end.Token)), readings);
        Assert.Equal(3 * readings.Count, rollups.Sum(rollup => rollup.Count)); // in minutes, hours and days
        Assert.Equal(0, (await cloud.HubTotalsAsync(_end.Token)).DeadLetters);
        using var metrics = new HttpClient { BaseAddress = _nodes.Hub.Http };
        var text = await metrics.GetStringAsync("/metrics", _end.Token);
        Assert.Matches("hub_forwarded_total [1-9]", text);
        Assert.Contains("breaker_state{name=\"forward:127.0.0.1:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("edge_acknowledged_total [1-9]", text, StringComparison.Ordinal);
    }

    private static List<int> NumbersOf(IEnumerable<HubReadingRow> readings) => [.. readings.Select(row => (int)row.Value!.Value).Order()];

    /// <summary>The cloud's rollups, as soon as they are the hub's, or as they are when the time is over.</summary>
    private async Task<List<HubRollupRow>> UntilSameAsync(INodeView hub, INodeView cloud, int messages)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (expected, found) = (await RollupsAsync(hub, Topic), await RollupsAsync(cloud, TopicThere));
            if ((found.Sum(rollup => rollup.Count) >= 3L * messages && found.SequenceEqual(expected)) || deadline.IsCancellationRequested)
            {
                Assert.Equal(expected, found);
                return found;
            }
        }
    }

    private async Task<List<HubRollupRow>> RollupsAsync(INodeView node, string topic)
    {
        var all = new List<HubRollupRow>();
        foreach (var series in (await node.HubSeriesAsync(null, topic, new HubPaging(), _end.Token)).Items)
        {
            foreach (var resolution in Enum.GetValues<HubResolution>())
            {
                all.AddRange((await node.HubRollupsAsync(
                    series.Id, resolution, new HubSpan(), new HubPaging(HubPaging.MaxSize), _end.Token)).Items);
            }
        }

        return all;
    }
}
