using Integration.Tests.Console;
using Integration.Tests.Operations;
using NetworkProtocol.Admin;

namespace Integration.Tests.Edge;

/// <summary>A network between edge and hub that breaks, and a hub whose disk is full: everything arrives, and once.</summary>
[Trait("Needs", "Program")]
public sealed class UplinkFaultTests : IAsyncDisposable, IAsyncLifetime
{
    private const string Topic = "room1/temperature";

    /// <summary><c>EDGE_CUTS</c> sets a larger number than the suite's.</summary>
    private static readonly int Cuts = EdgeHubTests.Number("EDGE_CUTS", 5);

    private readonly EdgeAndHub _nodes = new();
    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(3) + (Cuts * TimeSpan.FromSeconds(5)));

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _end.Dispose();
    }

    [Fact]
    public async Task Connections_that_break_anywhere_lose_nothing_and_double_nothing()
    {
        var seed = EdgeHubTests.Number("EDGE_SEED", Random.Shared.Next());
        await _nodes.StartHubAsync();
        await using var link = new BreakingLink(_nodes.Hub.Protocol, seed);
        await _nodes.StartEdgeAsync($"--NetworkProtocol:Edge:HubAddress=127.0.0.1:{link.Port}");
        await using var client = _nodes.CreateSensor();
        var sensor = new Sensor(client, Topic, 1);
        while (link.Breaks < Cuts)
        {
            await sensor.PublishAsync(_end.Token);
        }

        link.Mend();
        var (hub, api) = await _nodes.ConnectAsync();
        using var _ = api;
        await AssertStoredOnceAsync(hub, sensor, $"seed {seed}");

        // A greeting that finds an acknowledgement whose answer was lost counts it, too.
        var counted = 0d;
        await Eventually.Async(
            async () => (counted = await _nodes.Edge.ValueAsync("edge_acknowledged_total")) >= sensor.Acknowledged.Count,
            () => $"seed {seed}: {counted} are counted of {sensor.Acknowledged.Count}");
        Assert.Equal(sensor.Acknowledged.Count, counted);
    }

    [Fact]
    public async Task A_hub_whose_disk_is_full_says_so_and_its_edge_keeps_everything_until_there_is_room()
    {
        using var disk = new SmallDisk(24);
        await _nodes.StartHubAsync($"--NetworkProtocol:Hub:Path={disk.Path}/hub.db");
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        var sensor = new Sensor(client, Topic, 1);
        await sensor.PublishAsync(_end.Token);
        var (hub, api) = await _nodes.ConnectAsync();
        using var _ = api;
        while (!(await hub.HealthAsync(_end.Token)).Any(check => check.Reason?.Contains("full", StringComparison.Ordinal) == true))
        {
            disk.Fill();
            await sensor.PublishAsync(_end.Token); // until the log of the hub's store needs room
        }

        Assert.False(await IsReadyAsync(_nodes.Hub));
        for (var i = 0; i < 50; i++)
        {
            await sensor.PublishAsync(_end.Token);
        }

        Assert.True(await IsReadyAsync(_nodes.Edge));
        disk.Free();
        await AssertStoredOnceAsync(hub, sensor, "full disk");
        while (!await IsReadyAsync(_nodes.Hub))
        {
            _end.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task<bool> IsReadyAsync(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        using var answer = await http.GetAsync("/ready");
        return answer.IsSuccessStatusCode;
    }

    private static async Task AssertStoredOnceAsync(HttpNode hub, Sensor sensor, string what)
    {
        var acknowledged = sensor.Acknowledged.ToHashSet();
        var stored = (await EdgeAndHub.ReadingsAsync(hub, Topic, acknowledged.Count)).ConvertAll(reading => (int)reading.Value!.Value);
        Assert.True(acknowledged.IsSubsetOf(stored), $"{what}: lost {string.Join(' ', acknowledged.Except(stored).Take(20))}");
        Assert.True(stored.Count == stored.Distinct().Count(), $"{what}: some are stored twice");
        var series = Assert.Single((await hub.HubSeriesAsync(null, Topic, new HubPaging())).Items);
        var rollups = await hub.HubRollupsAsync(series.Id, HubResolution.Day, new HubSpan(), new HubPaging());
        Assert.Equal(stored.Count, rollups.Items.Sum(rollup => rollup.Count));
        Assert.Equal(stored.Sum(number => (double)number), rollups.Items.Sum(rollup => rollup.Sum!.Value));
        Assert.Equal(0, (await hub.HubTotalsAsync()).Lost);
    }
}
