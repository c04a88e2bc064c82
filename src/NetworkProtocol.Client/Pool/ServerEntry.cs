namespace NetworkProtocol.Client.Pool;

/// <summary>One of the servers, with what is known of it.</summary>
internal sealed class ServerEntry(ServerAddress address, CircuitBreaker breaker)
{
    public ServerAddress Address { get; } = address;

    public CircuitBreaker Breaker { get; } = breaker;

    /// <summary>Connections to it; under the pool's lock.</summary>
    public int Open { get; set; }

    /// <summary>Others come first until then: it has said that it is going away. A timestamp; the keeper's alone.</summary>
    public long AvoidUntil { get; set; } = long.MinValue;

    /// <summary>Others come first until then: one that began later has connected earlier. A timestamp; the keeper's alone.</summary>
    public long SlowUntil { get; set; } = long.MinValue;
}
