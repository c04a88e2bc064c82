namespace NetworkProtocol.Client;

/// <summary>What becomes of requests while there is no connection.</summary>
public enum WhenDisconnected
{
    /// <summary>They wait for one, up to <see cref="ProtocolClientOptions.WaitTimeout"/>. The default.</summary>
    Wait,

    /// <summary>They fail at once with what the last attempt to connect has failed with.</summary>
    Fail,

    /// <summary>
    /// They wait, as many as <see cref="PoolOptions.MaxWaiting"/> allows, as long as <see cref="ConnectionOptions.RequestTimeout"/>,
    /// also while the circuit breaker is open.
    /// </summary>
    Buffer,
}
