using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>
/// A histogram of the durations of requests over all commands, with cumulative buckets as in Prometheus: a bucket counts all requests up to
/// its limit.
/// </summary>
/// <param name="limits">The limits of the buckets in seconds; the last limit is infinite.</param>
/// <param name="counts">The number of requests up to each limit.</param>
internal sealed class DurationBuckets(IReadOnlyList<double> limits, IReadOnlyList<long> counts)
{
    private static readonly double[] Limits = [.. CommandDurations.Limits.Select(limit => limit.TotalSeconds), double.PositiveInfinity];

    public static DurationBuckets None { get; } = new(Limits, new long[Limits.Length]);

    private IReadOnlyList<long> Counts => counts;

    private long Total => counts[^1];

    public static DurationBuckets Of(IReadOnlyList<CommandDurations> commands)
    {
        var counts = new long[Limits.Length];
        var sum = 0L;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            sum += commands.Sum(command => command.Counts[bucket]);
            counts[bucket] = sum;
        }

        return new DurationBuckets(Limits, counts);
    }

    /// <summary>The requests since an earlier reading.</summary>
    public DurationBuckets Since(DurationBuckets earlier) =>
        new(limits, [.. counts.Zip(earlier.Counts, (now, then) => now - then)]);

    /// <summary>A quantile in milliseconds, interpolated as by Prometheus's histogram_quantile; NaN without requests.</summary>
    public double Quantile(double quantile)
    {
        if (Total <= 0)
        {
            return double.NaN;
        }

        var rank = quantile * Total;
        var bucket = 0;
        while (counts[bucket] < rank)
        {
            bucket++;
        }

        if (double.IsInfinity(limits[bucket]))
        {
            return 1000 * limits[bucket - 1];
        }

        var (lower, below) = bucket == 0 ? (0, 0) : (limits[bucket - 1], counts[bucket - 1]);
        return 1000 * (lower + ((limits[bucket] - lower) * (rank - below) / (counts[bucket] - below)));
    }
}
