using Integration.Tests.Console;
using Integration.Tests.Hub;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Edge;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Hub;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Web.Edge;

namespace Integration.Tests.Edge;

/// <summary>What the health checks of edge and hub say of commits that take long, by a clock of the test.</summary>
public sealed class SlowCommitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_hub_whose_last_commit_took_long_is_degraded_for_a_minute_or_until_the_next_one()
    {
        var metrics = new HubMetrics(TestMeters.Create(), _time);
        var check = new HubCheck(Stub.Of<IHubStore>(_ => Task.CompletedTask), metrics, _time);
        metrics.Committed(TimeSpan.FromSeconds(0.9), new StoredCounts(), 1);
        Assert.Equal((HealthStatus.Healthy, "The store works"), await AskAsync(check));
        metrics.Committed(TimeSpan.FromSeconds(5.2), new StoredCounts(), 1);
        Assert.Equal(
            (HealthStatus.Degraded, "The last commit took 5.2 s, and edges wait as long: the store is slow"), await AskAsync(check));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
        metrics.Committed(TimeSpan.FromSeconds(5.2), new StoredCounts(), 1);
        metrics.Committed(TimeSpan.FromSeconds(0.1), new StoredCounts(), 1);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
    }

    [Fact]
    public async Task An_edge_whose_disk_is_slow_is_degraded_and_one_whose_disk_hangs_is_not_ready()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<TimeProvider>(_time);
        services.AddEdge(edge => (edge.HubAddress, edge.Path, edge.Source) = ("127.0.0.1:1", _folder.Path, "edge1"));
        await using var provider = services.BuildServiceProvider();
        var buffer = provider.GetRequiredService<MessageBuffer>();
        var metrics = provider.GetRequiredService<EdgeMetrics>();
        var check = new BufferCheck(provider, provider.GetRequiredService<IOptions<EdgeOptions>>());
        buffer.Open();
        metrics.Committed(TimeSpan.FromSeconds(5.2));
        Assert.Equal(
            (HealthStatus.Degraded, "The last commit took 5.2 s, and sensors wait as long: the disk is slow"), await AskAsync(check));
        metrics.Committed(TimeSpan.FromSeconds(0.1));
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);

        using var disk = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var writing = buffer.RunAsync(
            _ =>
            {
                begun.SetResult();
                return disk.Wait(TimeSpan.FromMinutes(1));
            },
            CancellationToken.None);
        await begun.Task;
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(
            (HealthStatus.Unhealthy, "The buffer has been writing for 12 s, and sensors wait: its disk is slow"), await AskAsync(check));
        disk.Set();
        Assert.True(await writing);
        await buffer.RunAsync(_ => true, CancellationToken.None); // the one before has ended
        Assert.NotEqual(HealthStatus.Unhealthy, (await AskAsync(check)).Status);
    }

    private static async Task<(HealthStatus Status, string? Reason)> AskAsync(IHealthCheck check)
    {
        var result = await check.CheckHealthAsync(new HealthCheckContext());
        return (result.Status, result.Description);
    }
}
