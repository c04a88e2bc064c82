namespace NetworkProtocol.Admin;

/// <summary>A change of the state of a circuit breaker.</summary>
public sealed record TransitionRow(
    [property: Field("When the state changed.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The state before.", "closed")] string From,
    [property: Field("The state after.", "open")] string To,
    [property: Field("Why the state changed.", "5 failures in a row")] string Reason);
