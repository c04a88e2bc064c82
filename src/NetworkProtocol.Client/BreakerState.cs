namespace NetworkProtocol.Client;

/// <summary>The state of a <see cref="CircuitBreaker"/>. Metrics show the numbers.</summary>
public enum BreakerState
{
    /// <summary>Calls are made.</summary>
    Closed = 0,

    /// <summary>One trial call is under way. Other calls fail at once.</summary>
    HalfOpen = 1,

    /// <summary>Calls fail at once, until a trial is due.</summary>
    Open = 2,

    /// <summary>An operator has opened the breaker. Calls fail at once, until an operator resets it.</summary>
    Isolated = 3,
}
