namespace NetworkProtocol.Hub;

/// <summary>A time from <paramref name="From"/> to before <paramref name="To"/>; null: without that limit.</summary>
public readonly record struct TimeRange(DateTimeOffset? From = null, DateTimeOffset? To = null);
