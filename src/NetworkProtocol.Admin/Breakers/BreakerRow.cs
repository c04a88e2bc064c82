namespace NetworkProtocol.Admin;

/// <summary>A circuit breaker with its state and history.</summary>
public sealed record BreakerRow(
    [property: Field("The name of the circuit breaker: the upstream and the address of its server.", "orders:orders-1.example:8443")]
    string Name,
    [property: Field("closed, half_open, open or isolated.", "closed")] string State,
    [property: Field("The number of failed calls since the last successful call.", 0)] int FailuresInARow,
    [property: Field("The time until the next trial call, in seconds; null unless the breaker is open.", 12.5)] double? NextTrialSeconds,
    [property: Field("The error of the last failed call; null without a failed call.", "Connection refused")] string? LastError,
    [property: Field("The last changes of the state, the newest first.")] IReadOnlyList<TransitionRow> History);
