namespace NetworkProtocol.Client;

/// <summary>The kind of an error.</summary>
public enum ProtocolErrorKind
{
    /// <summary>No connection could be made: the host is unknown, refuses connections or is unreachable.</summary>
    Connect,

    /// <summary>TLS failed: a certificate was not accepted, both sides have no common version, or a PEM file cannot be read.</summary>
    Tls,

    /// <summary>The protocol's own handshake failed.</summary>
    Handshake,

    /// <summary>
    /// The server sent bytes that violate the protocol, and the connection is closed. Or the server answered a later request and not
    /// this one, and the connection stays open.
    /// </summary>
    Protocol,

    /// <summary>
    /// The server answered the request with ERROR. The exception's message is the server's text. The connection stays open.
    /// </summary>
    Remote,

    /// <summary>
    /// A timeout ended an attempt to connect, the wait for a connection, or a request. The connection of such a request stays open.
    /// </summary>
    Timeout,

    /// <summary>The connection is closed: by this side, by the server, or by the network.</summary>
    Closed,

    /// <summary>
    /// The circuit breaker is open, and nothing was sent. <see cref="ProtocolClientException.RetryAfter"/> tells when to try again.
    /// </summary>
    BreakerOpen,

    /// <summary>All connections are busy, and <see cref="PoolOptions.MaxWaiting"/> callers already wait.</summary>
    PoolExhausted,
}
