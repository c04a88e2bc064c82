namespace NetworkProtocol.Admin;

/// <summary>A drain and its progress.</summary>
public sealed record DrainRow(
    [property: Field("none, announced, disconnecting or drained.", "disconnecting")] string Stage,
    [property: Field("When the drain began; null without a drain.", "2026-01-31T12:00:00+00:00")] DateTimeOffset? StartedAt,
    [property: Field("The number of connections when the drain began.", 1000)] int Initial,
    [property: Field("The number of connections that are still open.", 250)] int Remaining,
    [property: Field("The number of connections that the server tells to disconnect each second.", 100)] int PerSecond,
    [property: Field("When the server ends the remaining connections; null without a drain.", "2026-01-31T12:05:00+00:00")]
    DateTimeOffset? Deadline);
