namespace NetworkProtocol.Edge.Uplink;

/// <summary>How many things a second there were within the last minute.</summary>
internal sealed class MinuteRate(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[Seconds];
    private readonly long _start = time.GetTimestamp();
    private long _second;

    /// <summary>The rate; since the start, if that is less than a minute ago.</summary>
    public double PerSecond
    {
        get
        {
            lock (_lock)
            {
                var elapsed = Advance();
                var counted = Math.Min(elapsed, Seconds - 1 + (elapsed % 1));
                return _counts.Sum() / Math.Max(1, counted);
            }
        }
    }

    /// <summary>Counts things that happen now.</summary>
    public void Add(long count)
    {
        lock (_lock)
        {
            Advance();
            _counts[_second % Seconds] += count;
        }
    }

    /// <summary>Forgets what is older than a minute, and returns the seconds since the start.</summary>
    private double Advance()
    {
        var elapsed = time.GetElapsedTime(_start).TotalSeconds;
        var now = (long)elapsed;
        for (var second = Math.Max(_second + 1, now - Seconds + 1); second <= now; second++)
        {
            _counts[second % Seconds] = 0;
        }

        _second = Math.Max(_second, now);
        return elapsed;
    }
}
