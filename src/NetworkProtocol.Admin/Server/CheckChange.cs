namespace NetworkProtocol.Admin;

/// <summary>A change of the status of a health check.</summary>
public sealed record CheckChange(
    [property: Field("When the status changed.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The status after the change: healthy, degraded or unhealthy.", "degraded")] string Status,
    [property: Field("Why the status changed.", "server: 6 days left")] string Reason);
