using NetworkProtocol.Admin;

namespace Integration.Tests.Edge;

/// <summary>
/// A message's way from a sensor over the edge to the hub, with the real programs, and what happens when one of them dies.
/// </summary>
[Trait("Needs", "Program")]
public sealed class EdgeHubTests : IAsyncDisposable, IAsyncLifetime
{
    private const string Topic = "room1/temperature";

    private static readonly int Kills = Number("EDGE_KILLS", 4);

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
    public async Task A_value_that_a_sensor_publishes_is_at_the_hub_and_in_its_rollups()
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        var (exitCode, output, errors) = await NetprotoProcess.RunAsync("publish", $"unix:{_nodes.Socket}", Topic, "21.5");
        Assert.Equal((0, "1", ""), (exitCode, output.Trim(), errors));
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        var reading = Assert.Single(await EdgeAndHub.ReadingsAsync(hub, Topic, 1));
        Assert.Equal((21.5, "edge1"), (reading.Value, reading.Source));
        var rollup = Assert.Single((await hub.HubRollupsAsync(
            reading.Series, HubResolution.Minute, new HubSpan(), new HubPaging())).Items);
        Assert.Equal((1, 21.5, 21.5), (rollup.Count, rollup.Min, rollup.Last));
        Assert.Contains("edge_acknowledged_total 1", await MetricsOf(_nodes.Edge), StringComparison.Ordinal);
        Assert.Contains("edge_uplink_up 1", await MetricsOf(_nodes.Edge), StringComparison.Ordinal);
        Assert.Contains("hub_messages_total 1", await MetricsOf(_nodes.Hub), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_other_socket_serves_the_sensors_command_and_the_sensors_socket_serves_no_other()
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync(
            "send", $"127.0.0.1:{_nodes.Edge.Protocol.Port}", "PUBLISH", "a 1", "--plain");
        Assert.Equal(1, exitCode);
        Assert.Contains("not served on this socket", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await NetprotoProcess.RunAsync("ping", $"unix:{_nodes.Socket}")).ExitCode);
        Assert.Equal("660", Convert.ToString((int)File.GetUnixFileMode(_nodes.Socket), 8));
    }

    [Theory]
    [InlineData("no-space", "There is no space")]
    [InlineData(" 1", "The topic has no bytes")]
    public async Task A_payload_that_is_no_publication_is_refused_with_the_reason(string payload, string reason)
    {
        await _nodes.StartEdgeAsync();
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync("send", $"unix:{_nodes.Socket}", "PUBLISH", payload);
        Assert.Equal(1, exitCode);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_edge_keeps_messages_while_its_hub_is_away_and_both_survive_a_restart()
    {
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        var sensor = new Sensor(client, Topic, 1);
        for (var i = 0; i < 700; i++)
        {
            await sensor.PublishAsync(_end.Token);
        }

        Assert.Equal(700, sensor.Acknowledged.Count);
        Assert.Contains("edge_buffer_messages 700", await MetricsOf(_nodes.Edge), StringComparison.Ordinal);
        Assert.Contains("edge_uplink_up 0", await MetricsOf(_nodes.Edge), StringComparison.Ordinal);
        await _nodes.KillEdgeAsync();
        await _nodes.StartEdgeAsync();
        await _nodes.StartHubAsync();
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        var readings = await EdgeAndHub.ReadingsAsync(hub, Topic, 700);
        Assert.Equal(sensor.Sent, readings.Select(reading => (int)reading.Value!.Value).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_acknowledged_is_stored_once_whoever_is_killed(bool killsEdge)
    {
        var seed = Number("EDGE_SEED", Random.Shared.Next());
        var random = new Random(seed);
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        Sensor[] sensors = [.. Enumerable.Range(0, 4).Select(i => new Sensor(client, Topic, 1_000_000 * (i + 1)))];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var running = Task.WhenAll(sensors.Select(sensor => sensor.RunAsync(stop.Token)));
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(100, 700), _end.Token); // the moment of the kill is what is random here
            await (killsEdge ? _nodes.KillEdgeAsync() : _nodes.KillHubAsync());
            await (killsEdge ? _nodes.StartEdgeAsync() : _nodes.StartHubAsync());
        }

        await stop.CancelAsync();
        await running;
        var acknowledged = sensors.SelectMany(sensor => sensor.Acknowledged).ToHashSet();
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        var stored = (await EdgeAndHub.ReadingsAsync(hub, Topic, acknowledged.Count)).ConvertAll(reading => (int)reading.Value!.Value);
        Assert.True(acknowledged.IsSubsetOf(stored), $"seed {seed}: lost {string.Join(' ', acknowledged.Except(stored).Take(20))}");
        Assert.True(stored.Count == stored.Distinct().Count(), $"seed {seed}: some are stored twice");
        Assert.True(stored.ToHashSet().IsSubsetOf(sensors.SelectMany(sensor => sensor.Sent)), $"seed {seed}: others are stored");
        var series = Assert.Single((await hub.HubSeriesAsync(null, Topic, new HubPaging())).Items);
        var rollups = await hub.HubRollupsAsync(series.Id, HubResolution.Minute, new HubSpan(), new HubPaging());
        Assert.Equal(stored.Count, rollups.Items.Sum(rollup => rollup.Count));
        Assert.Equal(stored.Sum(number => (double)number), rollups.Items.Sum(rollup => rollup.Sum!.Value));
        Assert.Equal(0, (await hub.HubTotalsAsync()).Lost);
    }

    [Fact]
    public async Task An_edge_that_was_restored_from_an_older_copy_begins_an_epoch_and_loses_nothing_new()
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        var sensor = new Sensor(client, Topic, 1);
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        await sensor.PublishAsync(_end.Token);
        await EdgeAndHub.ReadingsAsync(hub, Topic, 1);
        await _nodes.KillEdgeAsync();
        var copy = TestBuffer.CopyFiles(Path.Combine(_nodes.EdgeData, "edge"));
        await _nodes.StartEdgeAsync();
        await sensor.PublishAsync(_end.Token);
        await sensor.PublishAsync(_end.Token);
        await EdgeAndHub.ReadingsAsync(hub, Topic, 3);
        await _nodes.KillEdgeAsync();
        Directory.Delete(Path.Combine(_nodes.EdgeData, "edge"), recursive: true);
        Directory.Move(copy, Path.Combine(_nodes.EdgeData, "edge"));
        await _nodes.StartEdgeAsync();
        await sensor.PublishAsync(_end.Token); // the copy gives it the number that another message had
        var stored = await EdgeAndHub.ReadingsAsync(hub, Topic, 4);
        Assert.Equal([1, 2, 3, 4], stored.Select(reading => (int)reading.Value!.Value).Order());
    }

    [Fact]
    public async Task An_edge_with_a_new_disk_takes_over_its_name()
    {
        await _nodes.StartHubAsync();
        await _nodes.StartEdgeAsync();
        await using var client = _nodes.CreateSensor();
        var sensor = new Sensor(client, Topic, 1);
        var (hub, http) = await _nodes.ConnectAsync();
        using var _ = http;
        await sensor.PublishAsync(_end.Token);
        await EdgeAndHub.ReadingsAsync(hub, Topic, 1);
        await _nodes.KillEdgeAsync();
        Directory.Delete(_nodes.EdgeData, recursive: true);
        await _nodes.StartEdgeAsync();
        await sensor.PublishAsync(_end.Token);
        var stored = await EdgeAndHub.ReadingsAsync(hub, Topic, 2);
        Assert.Equal([1, 2], stored.Select(reading => (int)reading.Value!.Value).Order());
    }

    internal static int Number(string variable, int value) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given
        ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
        : value;

    private static async Task<string> MetricsOf(ServerProcess node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        return await http.GetStringAsync("/metrics");
    }
}
