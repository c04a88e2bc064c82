namespace NetworkProtocol.Hub;

/// <summary>A time from <paramref name="From"/> to before <paramref name="To"/>; null: without that limit.</summary>
public readonly record struct TimeRange(DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    internal long FirstMillisecond => From is { } from ? Ceiling(from) : long.MinValue;

    internal long EndMillisecond => To is { } to ? Ceiling(to) : long.MaxValue;

    // A time within a millisecond is behind the readings of that millisecond.
    private static long Ceiling(DateTimeOffset time) =>
        time.ToUnixTimeMilliseconds() + (time.UtcTicks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);
}
