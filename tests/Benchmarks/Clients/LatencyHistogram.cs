using System.Diagnostics;
using System.Numerics;

namespace Benchmarks.Clients;

/// <summary>Records latencies of any length, accurate to one percent, in an array of fixed size that all callers share.</summary>
internal sealed class LatencyHistogram
{
    /// <summary>The number of counters for each doubling of the latency, as a power of 2.</summary>
    private const int Precision = 7;

    private readonly long[] _counts = new long[(sizeof(long) * 8 - Precision + 1) << Precision];

    public long Count => _counts.Sum();

    public void Record(long ticks) => Interlocked.Increment(ref _counts[IndexOf(ticks)]);

    /// <summary>The latency that <paramref name="share"/> of all latencies do not exceed.</summary>
    public double GetMicroseconds(double share)
    {
        var (rank, index) = ((long)Math.Ceiling(Count * share), 0);
        for (var seen = _counts[0]; seen < rank; seen += _counts[index])
        {
            index++;
        }

        return MiddleOf(index) * 1e6 / Stopwatch.Frequency;
    }

    private static int IndexOf(long ticks)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - Precision);
        return (shift << Precision) + (int)(ticks >> shift);
    }

    private static double MiddleOf(int index)
    {
        var shift = Math.Max(0, (index >> Precision) - 1);
        return (index - (shift << Precision) + 0.5) * Math.Pow(2, shift);
    }
}
