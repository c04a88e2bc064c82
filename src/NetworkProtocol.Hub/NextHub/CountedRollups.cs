namespace NetworkProtocol.Hub.NextHub;

/// <summary>Counts rollups, each once as long as it is remembered, however often it changes.</summary>
internal sealed class CountedRollups
{
    private const int Remembered = 10_000;

    private readonly HashSet<(long Series, Resolution Resolution, long Start)> _seen = [];
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Counts a rollup. One caller alone may count at a time.</summary>
    /// <returns>Whether it is another one.</returns>
    public bool Add(long series, Resolution resolution, long start)
    {
        if (!_seen.Add((series, resolution, start)))
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        if (_seen.Count > Remembered)
        {
            _seen.Clear();
        }

        return true;
    }
}
