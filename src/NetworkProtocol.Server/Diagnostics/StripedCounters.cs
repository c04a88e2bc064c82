using System.Numerics;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>
/// Counters that every message adds to: each processor adds to counters of its own, so that no processor takes a cache line from another
/// one, and a reader adds them up.
/// </summary>
internal sealed class StripedCounters
{
    private const int MostStripes = 64;
    private const int CacheLine = 64 / sizeof(long);
    private const int LinePair = 2 * CacheLine; // processors fetch the neighbour of a line, too

    private static readonly int Mask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostStripes)) - 1;

    private readonly long[] _values;
    private readonly int _width;

    /// <param name="count">How many counters there are.</param>
    public StripedCounters(int count)
    {
        _width = (count + CacheLine + LinePair - 1) / LinePair * LinePair; // an array does not begin where a line begins
        _values = new long[LinePair + ((Mask + 1) * _width)];
    }

    /// <summary>
    /// The counters of the processor that runs the caller. Add to them by <see cref="Interlocked"/>: the thread may move to another
    /// processor at any moment.
    /// </summary>
    public Span<long> Mine => _values.AsSpan(LinePair + ((Thread.GetCurrentProcessorId() & Mask) * _width), _width);

    /// <summary>The sum of one counter over all processors.</summary>
    public long Read(int index)
    {
        var sum = 0L;
        for (var at = LinePair + index; at < _values.Length; at += _width)
        {
            sum += Interlocked.Read(ref _values[at]);
        }

        return sum;
    }
}
