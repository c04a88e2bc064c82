namespace NetworkProtocol.Admin;

/// <summary>How many messages an edge has dropped for one reason since its start.</summary>
public sealed record EdgeDropRow(
    [property: Field("The reason: full, refused, expired, damaged, not_durable or discarded.", "full")] string Reason,
    [property: Field("The number of messages.", 0)] long Count,
    [property: Field("When the last one was dropped; null if none was.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? LastAt);
