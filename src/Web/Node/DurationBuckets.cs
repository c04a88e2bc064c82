using System.Globalization;
using Prometheus;

namespace NetworkProtocol.Web.Node;

/// <summary>
/// The buckets of <c>request_duration_seconds</c> over all commands, read from the very text that <c>/metrics</c> answers: the library
/// shows them nowhere else, and a count of our own beside it would be a second truth.
/// </summary>
internal sealed class DurationBuckets
{
    private static ReadOnlySpan<byte> Prefix => "request_duration_seconds_bucket{"u8;

    private static ReadOnlySpan<byte> Limit => "le=\""u8;

    private readonly double[] _limits;
    private readonly double[] _counts;

    private DurationBuckets(double[] limits, double[] counts)
    {
        _limits = limits;
        _counts = counts;
    }

    public static DurationBuckets None { get; } = new([], []);

    /// <summary>Reads them.</summary>
    /// <param name="registry">The metrics.</param>
    /// <param name="buffer">Used again each time.</param>
    public static async Task<DurationBuckets> ReadAsync(CollectorRegistry registry, MemoryStream buffer)
    {
        buffer.SetLength(0);
        await registry.CollectAndExportAsTextAsync(buffer);
        return Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>Reads them out of a scrape, in UTF-8: as a text it would be too large an object to make each second.</summary>
    public static DurationBuckets Parse(ReadOnlySpan<byte> scrape)
    {
        var sums = new SortedDictionary<double, double>();
        foreach (var range in scrape.Split((byte)'\n'))
        {
            var line = scrape[range];
            if (line.StartsWith(Prefix) && line.IndexOf(Limit) is > 0 and var at)
            {
                var limit = line[(at + Limit.Length)..];
                limit = limit[..limit.IndexOf((byte)'"')];
                var value = limit.SequenceEqual("+Inf"u8) ? double.PositiveInfinity : double.Parse(limit, CultureInfo.InvariantCulture);
                sums[value] = sums.GetValueOrDefault(value) + double.Parse(line[(line.LastIndexOf((byte)' ') + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return new DurationBuckets([.. sums.Keys], [.. sums.Values]);
    }

    /// <summary>What came since an earlier reading.</summary>
    public DurationBuckets Since(DurationBuckets earlier) => earlier._counts.Length != _counts.Length
        ? this
        : new DurationBuckets(_limits, [.. _counts.Zip(earlier._counts, (now, then) => now - then)]);

    /// <summary>A quantile in milliseconds, as Prometheus's histogram_quantile reckons it; not a number if there were no requests.</summary>
    public double Quantile(double quantile)
    {
        if (_counts.Length == 0 || _counts[^1] <= 0)
        {
            return double.NaN;
        }

        var rank = quantile * _counts[^1];
        var bucket = Array.FindIndex(_counts, count => count >= rank);
        if (double.IsInfinity(_limits[bucket]))
        {
            return 1000 * _limits[bucket - 1];
        }

        var (lower, below) = bucket == 0 ? (0, 0) : (_limits[bucket - 1], _counts[bucket - 1]);
        return 1000 * (lower + ((_limits[bucket] - lower) * (rank - below) / (_counts[bucket] - below)));
    }
}
