namespace NetworkProtocol.Client;

/// <summary>What a client does with requests while it has no connection.</summary>
public enum WhenDisconnected
{
    /// <summary>
    /// Requests wait for a connection, up to <see cref="ProtocolClientOptions.WaitTimeout"/>, and fail at once while the circuit breakers
    /// of all addresses are open. The default.
    /// </summary>
    Wait,

    /// <summary>
    /// Requests fail at once with the error of the last attempt to connect. While no attempt has failed, they wait as with
    /// <see cref="Wait"/>.
    /// </summary>
    Fail,

    /// <summary>
    /// Requests wait for a connection, up to <see cref="ConnectionOptions.RequestTimeout"/>, also while the circuit breakers are open.
    /// <see cref="PoolOptions.MaxWaiting"/> bounds their number.
    /// </summary>
    Buffer,
}
