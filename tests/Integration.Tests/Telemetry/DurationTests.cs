using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Web.Telemetry;
using Prometheus;

namespace Integration.Tests.Telemetry;

/// <summary>Durations: one histogram, and its form for Prometheus.</summary>
public sealed class DurationTests
{
    [Fact]
    public void Each_duration_is_in_the_bucket_of_the_first_limit_that_is_not_below_it()
    {
        Assert.Equal(Histogram.ExponentialBuckets(0.000_001, 4, 13), CommandDurations.Limits.Select(limit => limit.TotalSeconds));
        foreach (var (limit, bucket) in CommandDurations.Limits.Select((limit, at) => (limit, at)))
        {
            Assert.Equal(bucket, DurationHistogram.BucketOf(limit));
            Assert.Equal(bucket, DurationHistogram.BucketOf(limit - new TimeSpan(1)));
            Assert.Equal(bucket + 1, DurationHistogram.BucketOf(limit + new TimeSpan(1)));
        }

        Assert.Equal(0, DurationHistogram.BucketOf(TimeSpan.Zero));
        Assert.Equal(CommandDurations.Limits.Count, DurationHistogram.BucketOf(TimeSpan.MaxValue));
    }

    [Fact]
    public async Task Prometheus_gets_what_it_would_have_counted_itself()
    {
        var random = new Random(1);
        var ours = new Exposed();
        var theirs = Metrics.NewCustomRegistry();
        var plain = Metrics.WithCustomRegistry(theirs).CreateHistogram(
            "request_duration_seconds",
            "",
            ["command"],
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.000_001, 4, 13) });
        for (var round = 0; round < 20; round++)
        {
            for (var request = 0; request < 500; request++)
            {
                // Most values are at the edge of a bucket, where a mean could be outside of the bucket.
                var limit = CommandDurations.Limits[random.Next(CommandDurations.Limits.Count)];
                var duration = random.Next(4) == 0 ? limit * random.NextDouble() * 4 : limit + new TimeSpan(random.Next(-1, 2));
                ours.Metrics.Ping.Record(duration);
                plain.WithLabels("PING").Observe(duration.TotalSeconds);
            }

            Assert.Equal(Lines(await TextAsync(theirs), "_bucket"), Lines(await TextAsync(ours.Registry), "_bucket"));
        }

        Assert.Equal(Lines(await TextAsync(theirs), "_count"), Lines(await TextAsync(ours.Registry), "_count"));
        Assert.Equal(Value(await TextAsync(theirs), "_sum"), Value(await TextAsync(ours.Registry), "_sum"), 1e-6);
    }

    [Fact]
    public async Task Collections_at_once_lose_nothing_and_count_nothing_twice()
    {
        const int Each = 50_000;
        var ours = new Exposed();
        using var done = new CancellationTokenSource();
        var collecting = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await TextAsync(ours.Registry);
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            for (var request = 0; request < Each; request++)
            {
                ours.Metrics.Ping.Record(new TimeSpan(1 + (request % 100)));
                ours.Metrics.Traffic(1, 10, 1, 10);
            }
        })));
        await done.CancelAsync();
        await Task.WhenAll(collecting);
        var text = await TextAsync(ours.Registry);
        Assert.Equal(3 * Each, Value(text, "_count"));
        Assert.Contains($"\nmessages_total {6 * Each}\n", text, StringComparison.Ordinal);
        var sum = ours.Metrics.ReadDurations()[0].Sums.Sum(bucket => bucket.TotalSeconds);
        Assert.Equal(sum, Value(text, "_sum"), 0.000_1);
    }

    [Fact]
    public async Task Two_hosts_in_one_process_are_shown_apart()
    {
        var (one, other) = (new Exposed(), new Exposed());
        one.Metrics.Traffic(1, 10, 1, 10);
        one.Metrics.Ping.Record(TimeSpan.FromMilliseconds(1));
        Assert.Contains("\nmessages_received 1\n", await TextAsync(one.Registry), StringComparison.Ordinal);
        Assert.Contains("\nmessages_received 0\n", await TextAsync(other.Registry), StringComparison.Ordinal);
        Assert.Equal(0, Value(await TextAsync(other.Registry), "_count"));
    }

    [Fact]
    public void What_each_message_is_counted_by_allocates_nothing()
    {
        var metrics = new ServerMetrics(TestMeters.Create());
        Count(metrics);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Count(metrics);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Count(ServerMetrics metrics)
    {
        for (var message = 0; message < 1000; message++)
        {
            metrics.Echo.Record(TimeSpan.FromMicroseconds(message));
            metrics.Traffic(1, 10, 1, 10);
        }
    }

    private static string[] Lines(string text, string kind) =>
        [.. text.Split('\n').Where(line => line.StartsWith($"request_duration_seconds{kind}{{command=\"PING\"", StringComparison.Ordinal))];

    private static double Value(string text, string kind) =>
        double.Parse(Assert.Single(Lines(text, kind)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> TextAsync(CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    private sealed class Exposed
    {
        public Exposed()
        {
            var meters = TestMeters.Create();
            Metrics = new ServerMetrics(meters);
            _ = new PrometheusExposition(meters, Metrics, Registry, TimeProvider.System, NullLogger<PrometheusExposition>.Instance);
        }

        public CollectorRegistry Registry { get; } = Prometheus.Metrics.NewCustomRegistry();

        public ServerMetrics Metrics { get; }
    }
}
