using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Admin;
using NetworkProtocol.Edge;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>The console's clock.</summary>
public sealed class SamplerTests
{
    [Fact]
    public async Task Pages_are_told_once_a_second_however_much_happens()
    {
        var time = new FakeTimeProvider();
        var metrics = new ServerMetrics(TestMeters.Create());
        using var sampler = new Sampler(metrics, new EdgeMetrics(TestMeters.Create(), time), time, NullLogger<Sampler>.Instance);
        var told = new SemaphoreSlim(0);
        sampler.Sampled += () => throw new InvalidOperationException("a page's fault");
        sampler.Sampled += () => told.Release();
        await sampler.StartAsync(CancellationToken.None);
        for (var second = 1; second <= 25; second++)
        {
            metrics.Traffic(received: 1000, bytesReceived: 5000, sent: 500, bytesSent: 2500);
            metrics.Ping.Record(TimeSpan.FromMilliseconds(2));
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await told.WaitAsync(TimeSpan.FromSeconds(20)));
        }

        await sampler.StopAsync(CancellationToken.None);
        Assert.Equal(0, told.CurrentCount);
        Assert.Equal(25, sampler.Seconds.ToArray().Length);
        Assert.Equal(2, sampler.Tens.ToArray().Length);
        Assert.All(
            sampler.Seconds.ToArray(),
            sample => Assert.Equal((1000f, 500f, 5000f, 2500f), (sample.Received, sample.Sent, sample.BytesIn, sample.BytesOut)));
        Assert.Equal(1000f, sampler.Tens.Last!.Value.Received);
        Assert.InRange(sampler.Rates.P99Milliseconds!.Value, 1, 4.096);
    }
}
