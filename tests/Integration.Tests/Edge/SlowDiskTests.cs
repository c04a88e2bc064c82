using System.Globalization;
using System.Text.RegularExpressions;
using Integration.Tests.Operations;
using NetworkProtocol.Admin;

namespace Integration.Tests.Edge;

/// <summary>
/// A disk that takes seconds to sync, of the hub or of the edge, with the real programs: all wait, nothing is lost, both say why, and go
/// on by themselves. <c>DISK_DELAY</c> is how many milliseconds a sync takes, and <c>DISK_SLOW_FOR</c> for how many seconds.
/// </summary>
[Trait("Needs", "Program")]
public sealed class SlowDiskTests : IAsyncDisposable, IAsyncLifetime
{
    private const string Topic = "room1/temperature";

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(EdgeHubTests.Number("DISK_DELAY", 1200));
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(EdgeHubTests.Number("DISK_SLOW_FOR", 0));

    /// <summary>A commit has up to three syncs, and nodes whose commit takes 10 s are not ready.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(3) + SlowFor);

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_disk_loses_nothing_and_is_reported(bool isHub)
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        Sensor[] sensors = [.. Enumerable.Range(0, 4).Select(i => new Sensor(client, Topic, 1_000_000 * (i + 1)))];
        await sensors[0].PublishAsync(_end.Token);
        var (hub, api) = await _nodes.ConnectAsync();
        using var _ = api;
        await EdgeAndHub.ReadingsAsync(hub, Topic, 1);
        var (slow, check) = isHub ? (_nodes.Hub, "hub") : (_nodes.Edge, "edge buffer");
        using var http = isHub ? api : (await EdgeAndHub.ConnectAsync(slow)).Http;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        Task publishing;
        await using (await SlowDisk.AttachAsync(slow.Id, Delay))
        {
            publishing = Task.WhenAll(sensors.Select(sensor => sensor.RunToAnswerAsync(stop.Token)));
            await UntilAsync(http, check, "Degraded: The last commit took ");
            await (Delay < Longest ? AssertReadyAsync() : Task.CompletedTask);
            await Task.Delay(SlowFor, _end.Token); // zero in the suite
        }

        await UntilAsync(http, check, "Healthy: ");
        await stop.CancelAsync();
        await publishing;
        await sensors[0].PublishAsync(_end.Token);
        await AssertReadyAsync();
        await AssertStoredOnceAsync(hub, sensors);
        if (!isHub)
        {
            var text = await MetricsOf(_nodes.Edge);
            Assert.True(CountOf(text, "\\+Inf") > CountOf(text, "1"), text); // some commits took longer than a second
        }
    }

    private static async Task UntilAsync(HttpClient http, string check, string wanted)
    {
        var said = "";
        await Eventually.Async(
            async () => (said = await EdgeAndHub.CheckAsync(http, check)).StartsWith(wanted, StringComparison.Ordinal), () => said);
    }

    private async Task AssertReadyAsync()
    {
        foreach (var node in new[] { _nodes.Edge, _nodes.Hub })
        {
            using var http = new HttpClient { BaseAddress = node.Http };
            Assert.Equal("READY", await http.GetStringAsync("/ready", _end.Token));
        }
    }

    private static async Task AssertStoredOnceAsync(HttpNode hub, Sensor[] sensors)
    {
        var acknowledged = sensors.SelectMany(sensor => sensor.Acknowledged).ToHashSet();
        var stored = (await EdgeAndHub.ReadingsAsync(hub, Topic, acknowledged.Count)).ConvertAll(reading => (int)reading.Value!.Value);
        Assert.True(acknowledged.IsSubsetOf(stored), $"lost {string.Join(' ', acknowledged.Except(stored).Take(20))}");
        Assert.True(stored.Count == stored.Distinct().Count(), "some are stored twice");
        var series = Assert.Single((await hub.HubSeriesAsync(null, Topic, new HubPaging())).Items);
        var rollups = await hub.HubRollupsAsync(series.Id, HubResolution.Day, new HubSpan(), new HubPaging());
        Assert.Equal(stored.Count, rollups.Items.Sum(rollup => rollup.Count));
        Assert.Equal(0, (await hub.HubTotalsAsync()).Lost);
    }

    private static async Task<string> MetricsOf(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        return await http.GetStringAsync("/metrics");
    }

    private static int CountOf(string metrics, string limit) => int.Parse(
        Regex.Match(metrics, $"edge_commit_seconds_bucket{{.*le=\"{limit}\"}} (\\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
}
