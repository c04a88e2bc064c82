namespace NetworkProtocol.Admin;

/// <summary>A health check, its last result, and the history of its status.</summary>
public sealed record CheckRow(
    [property: Field("The name of the check.", "certificates")] string Name,
    [property: Field("healthy, degraded or unhealthy.", "healthy")] string Status,
    [property: Field("Why the check has this status; may be empty.", "server: 60 days left")] string Reason,
    [property: Field("How long the last run took, in milliseconds.", 0.12)] double DurationMilliseconds,
    [property: Field("When the check last ran.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The last changes of the status, the newest first.")] IReadOnlyList<CheckChange> History);
