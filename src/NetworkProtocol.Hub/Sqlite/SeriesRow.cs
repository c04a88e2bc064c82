using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>A series as the writer knows it: its number, and what its next reading changes.</summary>
internal sealed class SeriesRow(long id, string unit, long lastTime)
{
    public static readonly Resolution[] Resolutions = [Resolution.Minute, Resolution.Hour, Resolution.Day];

    public long Id { get; } = id;

    public string Unit { get; private set; } = unit;

    public long LastTime { get; private set; } = lastTime;

    /// <summary>The last value, until it is written; null afterwards, because payloads are large.</summary>
    public object? Pending { get; private set; }

    /// <summary>Whether the row of the series differs from the database.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>The rollups that are being filled, one of each resolution.</summary>
    public RollupSum?[] Open { get; } = new RollupSum?[Resolutions.Length];

    /// <summary>Which of <see cref="Open"/> differ from the database.</summary>
    public bool[] OpenChanged { get; } = new bool[Resolutions.Length];

    /// <summary>Takes a reading into account.</summary>
    /// <param name="time">The reading's time.</param>
    /// <param name="value">A double, or the bytes.</param>
    /// <param name="unit">The unit; empty if unknown.</param>
    public void SawLast(long time, object value, string unit)
    {
        if (time < LastTime)
        {
            return; // late data says neither what the last value is nor its unit
        }

        (LastTime, Pending, IsChanged) = (time, value, true);
        if (unit.Length > 0 && unit != Unit)
        {
            Unit = unit;
        }
    }

    public void Written()
    {
        (Pending, IsChanged) = (null, false);
        Array.Clear(OpenChanged);
    }
}
