namespace NetworkProtocol.Edge;

/// <summary>How many messages an edge has dropped for one reason since its start.</summary>
/// <param name="Reason">The reason: full, refused, expired, damaged, not_durable or discarded, as in <c>edge_dropped_total</c>.</param>
/// <param name="Count">How many messages.</param>
/// <param name="LastAt">When the last one was dropped; null if none was.</param>
public sealed record EdgeDrops(string Reason, long Count, DateTimeOffset? LastAt);
