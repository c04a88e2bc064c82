namespace NetworkProtocol.Client;

/// <summary>One change of a <see cref="CircuitBreaker"/>.</summary>
/// <param name="At">The time of the change.</param>
/// <param name="From">The state before the change.</param>
/// <param name="To">The state after the change.</param>
/// <param name="Reason">The reason of the change, as text for people.</param>
public sealed record BreakerTransition(DateTimeOffset At, BreakerState From, BreakerState To, string Reason);
