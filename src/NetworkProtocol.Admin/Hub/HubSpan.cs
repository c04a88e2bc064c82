namespace NetworkProtocol.Admin;

/// <summary>A time from <paramref name="From"/> to before <paramref name="To"/>; null: without that limit.</summary>
/// <param name="From">The beginning.</param>
/// <param name="To">The end, which is excluded.</param>
public sealed record HubSpan(DateTimeOffset? From = null, DateTimeOffset? To = null);
