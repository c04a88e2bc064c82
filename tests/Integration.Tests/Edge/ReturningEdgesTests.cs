using System.Globalization;
using Integration.Tests.Operations;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Client;
using NetworkProtocol.Edge;
using Xunit.Abstractions;

namespace Integration.Tests.Edge;

/// <summary>
/// The uplinks of many edges that lose their hub at the same moment, over TLS. <c>EDGE_RETURNS</c> says how often the hub restarts.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Needs", "Time")]
public sealed class ReturningEdgesTests(ITestOutputHelper output) : IAsyncDisposable, IAsyncLifetime
{
    private const int Edges = 50;

    /// <summary>Each edge keeps two connections.</summary>
    private const int Connections = 2 * Edges;

    /// <summary>How often each edge has tried in vain when the hub returns: that takes some seconds.</summary>
    private const int Attempts = 3;

    private static readonly int Restarts = EdgeHubTests.Number("EDGE_RETURNS", 1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly CertificateFiles _files = CertificateFiles.Create();
    private readonly RestartingHub _hub = new();
    private readonly List<EdgeUplink> _edges = [];

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_edges.Select(edge => edge.DisposeAsync().AsTask()));
        await _hub.DisposeAsync();
        _files.Dispose();
    }

    [Fact]
    public async Task Edges_that_have_lost_their_hub_for_some_seconds_do_not_return_in_the_same_second()
    {
        await StartHubAsync();
        _edges.AddRange(Enumerable.Range(0, Edges).Select(Create));
        await Task.WhenAll(_edges.Select(edge => edge.Client.ConnectAsync()));
        await UntilAllAreBackAsync();
        for (var restart = 0; restart < Restarts; restart++)
        {
            await _hub.StopAsync();
            await Eventually.Async(() => Task.FromResult(
                _edges.TrueForAll(edge => edge.Client.Breakers[0].ConsecutiveFailures >= Attempts)));
            await StartHubAsync();
            await UntilAllAreBackAsync();
            AssertSpread([.. _hub.Server.Registry.Open.Select(connection => connection.ConnectedAt).Order()]);
        }
    }

    private void AssertSpread(DateTimeOffset[] times)
    {
        var whole = times[^1] - times[0];
        var fullest = times.Max(begin => times.Count(time => time >= begin && time < begin + Second));
        var mean = times.Length / whole.TotalSeconds;
        var history = string.Join(' ', times.Select(time =>
            (time - times[0]).TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)));
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Length} connections in {whole.TotalSeconds:0.0} s: {mean:0} a second, at most {fullest}");
        output.WriteLine($"{figures} ({fullest / mean:0.00} of the mean)");
        Assert.True(whole >= 2 * Second, $"{figures}: {history}"); // if all came at once, that would be the mean
        Assert.True(fullest <= 3 * mean, $"{figures}: {history}");
    }

    private Task UntilAllAreBackAsync() => Eventually.Async(
        () => Task.FromResult(_hub.Server.Registry.Count == Connections), () => $"{_hub.Server.Registry.Count} connections");

    private Task StartHubAsync() => _hub.StartAsync(new()
    {
        ["Tls:Mode"] = "Required", ["Tls:CertificatePath"] = _files.Certificate, ["Tls:KeyPath"] = _files.Key,
    });

    private EdgeUplink Create(int number) => new(
        new EdgeOptions { HubAddress = _hub.Address, Source = $"edge{number}", CaPath = _files.Authority },
        EdgeUplink.ClientName,
        new BreakerOptions(),
        TimeProvider.System,
        NullLogger<ProtocolClient>.Instance);
}
