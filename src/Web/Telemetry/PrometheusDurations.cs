using NetworkProtocol.Server.Diagnostics;
using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// Shows the server's histogram of durations. prometheus-net accepts observations but no buckets. So the requests of a bucket since the
/// last collection are observed with their mean duration, which keeps buckets, count and sum exact.
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
                var mean = Clamp((now.Sums[bucket].Ticks - ticks) / came, bucket);
                child.Observe(mean / TimeSpan.TicksPerSecond, came);
                shown[bucket] = (now.Counts[bucket], ticks + (mean * came));
            }
        }
    }

    /// <summary>
    /// Limits the mean to the range of its bucket. The mean is outside that range only while a request is being counted: the sum may then
    /// already contain its duration, and the count not yet. The difference is added to the next requests of the bucket.
    /// </summary>
    private static double Clamp(double ticks, int bucket)
    {
        var limits = CommandDurations.Limits;
        var least = bucket == 0 ? 0 : limits[bucket - 1].Ticks + 1;
        return bucket == limits.Count ? Math.Max(ticks, least) : Math.Clamp(ticks, least, limits[bucket].Ticks);
    }
}
