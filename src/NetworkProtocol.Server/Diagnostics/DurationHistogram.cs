using System.Diagnostics.Metrics;
using System.Numerics;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>
/// How long the requests of one command take. The buckets of <see cref="CommandDurations.Limits"/> are its own, so that console, API and
/// exports read the same numbers; the instrument gets a duration only while somebody listens to it.
/// </summary>
internal sealed class DurationHistogram(string command, Histogram<double> instrument)
{
    private static readonly int Buckets = CommandDurations.Limits.Count + 1;

    private readonly StripedCounters _counters = new(2 * Buckets);
    private readonly KeyValuePair<string, object?> _method = new("rpc.method", command);

    public string Command => command;

    public void Record(TimeSpan duration)
    {
        var mine = _counters.Mine;
        var bucket = BucketOf(duration);
        Interlocked.Add(ref mine[Buckets + bucket], duration.Ticks);
        Interlocked.Increment(ref mine[bucket]); // after its sum, which Read reads after the count: a count is never without its duration
        if (instrument.Enabled)
        {
            instrument.Record(duration.TotalSeconds, _method);
        }
    }

    public CommandDurations Read()
    {
        var counts = new long[Buckets];
        var sums = new TimeSpan[Buckets];
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            counts[bucket] = _counters.Read(bucket);
            sums[bucket] = new TimeSpan(_counters.Read(Buckets + bucket));
        }

        return new CommandDurations(command, counts, sums);
    }

    /// <summary>The first bucket whose limit is not below the duration: a limit is four times the one before, which is two bits.</summary>
    internal static int BucketOf(TimeSpan duration)
    {
        var beyond = (duration.Ticks - 1) / TimeSpan.TicksPerMicrosecond; // 0 up to the first limit
        return beyond <= 0 ? 0 : Math.Min((BitOperations.Log2((ulong)beyond) / 2) + 1, Buckets - 1);
    }
}
