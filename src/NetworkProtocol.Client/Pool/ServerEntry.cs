namespace NetworkProtocol.Client.Pool;

/// <summary>One of the servers, its circuit breaker, and what the client knows of it.</summary>
internal sealed class ServerEntry(ServerAddress address, CircuitBreaker breaker)
{
    public ServerAddress Address { get; } = address;

    public CircuitBreaker Breaker { get; } = breaker;

    /// <summary>The number of connections to the server. The pool's lock protects it.</summary>
    public int Open { get; set; }

    /// <summary>
    /// The timestamp until which other servers are preferred because this one has sent Disconnect. Only the pool's keeper and its loss
    /// handler use it.
    /// </summary>
    public long AvoidUntil { get; set; } = long.MinValue;

    /// <summary>
    /// The timestamp until which other servers are preferred because an attempt to one of them started later and connected earlier. Only
    /// the pool's keeper and its connector use it.
    /// </summary>
    public long SlowUntil { get; set; } = long.MinValue;
}
