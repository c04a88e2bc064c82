namespace NetworkProtocol.Admin;

/// <summary>What an edge holds of one lane, and how its hub takes it.</summary>
public sealed record EdgeLaneRow(
    [property: Field("The lane: bulk or alarm.", "bulk")] string Lane,
    [property: Field("The number of messages in the buffer.", 1234)] long Messages,
    [property: Field("The size of these messages in bytes.", 98720)] long Bytes,
    [property: Field("The time of the oldest message; null without messages.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? OldestTime,
    [property: Field("The last sequence number that the hub has acknowledged; 0 if none.", 122222)] long Mark,
    [property: Field("The sequence number of the next message.", 123457)] long Next,
    [property: Field("The number of dropped messages that the hub does not know of yet.", 0)] long UntoldLosses,
    [property: Field("up, down, or connecting before the first attempt has ended.", "up")] string Link,
    [property: Field("Since when the hub takes messages, or takes none; null before the first attempt has ended.", "2026-01-31T11:00:00+00:00")]
    DateTimeOffset? LinkSince,
    [property: Field("Why the hub takes no messages; null if it does.", "Connection refused")] string? Error,
    [property: Field("When the hub last acknowledged messages; null if it has not since the start.", "2026-01-31T12:00:00+00:00")]
    DateTimeOffset? AcknowledgedAt,
    [property: Field("The messages a second that sensors published within the last minute.", 20.5)] double InPerSecond,
    [property: Field("The messages a second that the hub acknowledged within the last minute.", 120.5)] double OutPerSecond,
    [property: Field("The seconds until the lane is empty at these rates; null if it does not become empty.", 12.3)]
    double? EmptyInSeconds);
