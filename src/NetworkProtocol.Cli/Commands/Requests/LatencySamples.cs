namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>Collects times of many threads for percentiles. After the first 100,000, a new time replaces a random one.</summary>
internal sealed class LatencySamples
{
    private const int Capacity = 100_000;

    private readonly TimeSpan[] _samples = new TimeSpan[Capacity];
    private long _count;

    /// <summary>How many times were added.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Adds a time.</summary>
    public void Add(TimeSpan sample)
    {
        var index = Interlocked.Increment(ref _count) - 1;
        _samples[index < Capacity ? index : Random.Shared.NextInt64(Capacity)] = sample;
    }

    /// <summary>The times that were kept.</summary>
    public OrderedTimes Order() => new(_samples.AsSpan(0, (int)Math.Min(Count, Capacity)));
}
