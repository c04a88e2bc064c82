namespace NetworkProtocol.Client;

/// <summary>One change of a <see cref="CircuitBreaker"/>.</summary>
/// <param name="At">When.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state since.</param>
/// <param name="Reason">What led to it, for a person.</param>
public sealed record BreakerTransition(DateTimeOffset At, BreakerState From, BreakerState To, string Reason);
