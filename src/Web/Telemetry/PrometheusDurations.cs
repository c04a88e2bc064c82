using NetworkProtocol.Server.Diagnostics;
using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// Shows the server's histogram of durations. The library takes observations and no buckets, so each bucket's requests since the last
/// collection are observed at their mean: that keeps buckets, count and sum exact.
/// </summary>
internal sealed class PrometheusDurations(string name, string help, string label, MetricFactory factory)
{
    private readonly Histogram _histogram = factory.CreateHistogram(
        name, help, [label], new HistogramConfiguration { Buckets = [.. CommandDurations.Limits.Select(limit => limit.TotalSeconds)] });

    private readonly Dictionary<string, (long Count, double Ticks)[]> _shown = [];

    public void Show(CommandDurations now)
    {
        var child = _histogram.WithLabels(now.Command);
        if (!_shown.TryGetValue(now.Command, out var shown))
        {
            _shown[now.Command] = shown = new (long, double)[now.Counts.Count];
        }

        for (var bucket = 0; bucket < shown.Length; bucket++)
        {
            var (count, ticks) = shown[bucket];
            var came = now.Counts[bucket] - count;
            if (came > 0)
            {
                var mean = Keep((now.Sums[bucket].Ticks - ticks) / came, bucket);
                child.Observe(mean / TimeSpan.TicksPerSecond, came);
                shown[bucket] = (now.Counts[bucket], ticks + (mean * came));
            }
        }
    }

    /// <summary>
    /// The mean of the requests in a bucket is within the bucket, unless a request is being counted at this moment: then the sum may have
    /// its duration before the count has it. What is cut off here is added to the next requests of the bucket.
    /// </summary>
    private static double Keep(double ticks, int bucket)
    {
        var limits = CommandDurations.Limits;
        var least = bucket == 0 ? 0 : limits[bucket - 1].Ticks + 1;
        return bucket == limits.Count ? Math.Max(ticks, least) : Math.Clamp(ticks, least, limits[bucket].Ticks);
    }
}
