using NetworkProtocol.Hub.NextHub;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What those that read and write what waits for the next hub tell each other, beyond the connection of one writer.</summary>
internal sealed class SqliteForwardProgress
{
    private readonly long[] _readTo = [.. SeriesRow.Resolutions.Select(_ => long.MinValue)];

    /// <summary>The last number of a message when the store was opened; null before a transaction was committed.</summary>
    public long? OpenedAt { get; set; }

    /// <summary>Whether the store knows what was handed over before it was opened.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The rollups whose change came when they were too old to be kept.</summary>
    public CountedRollups TooOld { get; } = new();

    /// <summary>Whether a rollup that began then may have been forwarded, though the clock may since have been set back.</summary>
    public bool WasRead(Resolution resolution, long start) => start <= Volatile.Read(ref ReadTo(resolution));

    /// <summary>Notes that rollups are read that began up to a time.</summary>
    /// <returns>Up to when they were read before; null at the first time.</returns>
    public long? Read(Resolution resolution, long lastStart)
    {
        ref var readTo = ref ReadTo(resolution);
        var before = readTo;
        Volatile.Write(ref readTo, Math.Max(before, lastStart)); // one caller alone writes
        return before == long.MinValue ? null : before;
    }

    private ref long ReadTo(Resolution resolution) => ref _readTo[Array.IndexOf(SeriesRow.Resolutions, resolution)];
}
