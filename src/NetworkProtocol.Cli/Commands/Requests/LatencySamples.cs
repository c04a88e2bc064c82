namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Times for percentiles, of many threads: the first 100,000, and after that each newcomer takes a random place.</summary>
internal sealed class LatencySamples
{
    private const int Capacity = 100_000;

    private readonly TimeSpan[] _samples = new TimeSpan[Capacity];
    private long _count;

    /// <summary>How many there have been.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Add(TimeSpan sample)
    {
        var index = Interlocked.Increment(ref _count) - 1;
        _samples[index < Capacity ? index : Random.Shared.NextInt64(Capacity)] = sample;
    }

    public OrderedTimes Order() => new(_samples.AsSpan(0, (int)Math.Min(Count, Capacity)));
}

/// <summary>Times in order.</summary>
internal sealed class OrderedTimes
{
    private readonly TimeSpan[] _times;

    public OrderedTimes(ReadOnlySpan<TimeSpan> times)
    {
        _times = times.ToArray();
        Array.Sort(_times);
    }

    /// <summary>The milliseconds that this share of them, 0 to 1, does not exceed; 0 if there are none.</summary>
    public double At(double share) =>
        _times.Length == 0 ? 0 : _times[Math.Clamp((int)Math.Ceiling(share * _times.Length) - 1, 0, _times.Length - 1)].TotalMilliseconds;
}
