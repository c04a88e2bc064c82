namespace NetworkProtocol.Admin;

/// <summary>What an edge holds, and how its hub takes it.</summary>
public sealed record EdgeRow(
    [property: Field("The name under which the hub stores the messages.", "edge1")] string Source,
    [property: Field("The hub's address.", "hub.example:8443")] string Hub,
    [property: Field("up, down, paused by an operator, or connecting before the first attempt has ended.", "up")] string Link,
    [property: Field("Why the hub gets no messages of at least one lane; null if it takes all.", "Connection refused")] string? Error,
    [property: Field("The name of the uplink's circuit breaker.", "uplink:hub.example:8443")] string Breaker,
    [property: Field("The state of that breaker: closed, half_open, open or isolated.", "closed")] string BreakerState,
    [property: Field("Why the disk takes no messages; null if it does.", "The message is not durable: the edge's disk is full")]
    string? BufferError,
    [property: Field(
        "Why the buffer holds less than its settings allow; null if it does not.",
        "The edge's disk is full: the buffer holds less than its settings allow, and DropOldest applies")]
    string? BufferShortage,
    [property: Field("The number of messages in the buffer.", 1234)] long Messages,
    [property: Field("The largest number of messages in the buffer.", 10000)] long MaxMessages,
    [property: Field("The size of the messages in the buffer in bytes.", 98720)] long Bytes,
    [property: Field("The largest size of the messages in the buffer in bytes.", 67108864)] long MaxBytes,
    [property: Field("What the edge does with a new message while the buffer is full: drop_oldest, drop_newest or block.", "drop_oldest")]
    string WhenFull,
    [property: Field("The age of the oldest message in the buffer in seconds; null without messages.", 12.5)] double? OldestSeconds,
    [property: Field("When the hub last acknowledged messages; null if it has not since the start.", "2026-01-31T12:00:00+00:00")]
    DateTimeOffset? AcknowledgedAt,
    [property: Field("The messages a second that sensors published within the last minute.", 20.5)] double InPerSecond,
    [property: Field("The messages a second that the hub acknowledged within the last minute.", 120.5)] double OutPerSecond,
    [property: Field("The seconds until the buffer is empty at these rates; null if it does not become empty.", 12.3)]
    double? EmptyInSeconds,
    [property: Field("The lanes.")] IReadOnlyList<EdgeLaneRow> Lanes,
    [property: Field("The dropped messages by reason, since the start.")] IReadOnlyList<EdgeDropRow> Drops);
