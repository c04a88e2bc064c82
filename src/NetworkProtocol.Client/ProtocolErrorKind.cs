namespace NetworkProtocol.Client;

/// <summary>What kind of thing went wrong.</summary>
public enum ProtocolErrorKind
{
    /// <summary>No connection came about: unknown host, refused, unreachable.</summary>
    Connect,

    /// <summary>TLS failed: a certificate was not accepted, no common version, or a PEM file cannot be read.</summary>
    Tls,

    /// <summary>The protocol's own handshake failed.</summary>
    Handshake,

    /// <summary>
    /// The server sent bytes that are not the protocol, and the connection is closed; or it went on to a later request without an answer
    /// to this one, and the connection goes on.
    /// </summary>
    Protocol,

    /// <summary>The server answered a request with an error; the message is its text and the connection goes on.</summary>
    Remote,

    /// <summary>
    /// Time ran out: for connecting, for waiting for a connection, or for a request, whose connection then goes on.
    /// </summary>
    Timeout,

    /// <summary>The connection is closed: by this side, by the server, or by the network.</summary>
    Closed,

    /// <summary>
    /// The circuit breaker is open, so nothing was sent: <see cref="ProtocolClientException.RetryAfter"/> says when the next
    /// trial is.
    /// </summary>
    BreakerOpen,

    /// <summary>All connections are busy and as many callers wait as may.</summary>
    PoolExhausted,
}
