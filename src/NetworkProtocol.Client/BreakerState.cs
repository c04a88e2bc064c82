namespace NetworkProtocol.Client;

/// <summary>Where a <see cref="CircuitBreaker"/> stands; metrics show the numbers.</summary>
public enum BreakerState
{
    /// <summary>Calls go through.</summary>
    Closed = 0,

    /// <summary>One trial call is under way; others fail at once.</summary>
    HalfOpen = 1,

    /// <summary>Calls fail at once.</summary>
    Open = 2,

    /// <summary>An operator has opened it, until it is reset.</summary>
    Isolated = 3,
}
