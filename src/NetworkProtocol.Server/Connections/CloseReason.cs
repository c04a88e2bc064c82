namespace NetworkProtocol.Server.Connections;

/// <summary>Why a connection ended. Logs, metrics and lists print <see cref="CloseReasonNames.ToName"/>.</summary>
public enum CloseReason
{
    /// <summary>The connection is open.</summary>
    None,

    /// <summary>The client closed its side.</summary>
    ClientLeft,

    /// <summary>The client sent Disconnect.</summary>
    Disconnect,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimedOut,

    /// <summary>The server refused the handshake.</summary>
    HandshakeRefused,

    /// <summary>The client repeated a handshake or packet that the server had already received.</summary>
    Replay,

    /// <summary>The client sent bytes that do not belong to this protocol.</summary>
    BadMagic,

    /// <summary>The client uses a protocol version that the server does not support.</summary>
    BadVersion,

    /// <summary>The client sent a packet that is larger than the limit.</summary>
    TooLarge,

    /// <summary>The client sent a packet that is not authentic.</summary>
    DidNotDecrypt,

    /// <summary>The client sent a message that is incomplete or not valid UTF-8.</summary>
    DidNotDecode,

    /// <summary>The client sent nothing for four heartbeat intervals.</summary>
    Dead,

    /// <summary>The client did not read its answers.</summary>
    SlowReader,

    /// <summary>An operator disconnected the client.</summary>
    DisconnectedByOperator,

    /// <summary>The client's address or certificate is banned.</summary>
    Banned,

    /// <summary>The server had reached its limit of connections or of buffered bytes.</summary>
    ServerFull,

    /// <summary>The client's address had reached its limit of connections.</summary>
    TooManyFromAddress,

    /// <summary>The server was draining or stopping.</summary>
    Draining,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>The client sent a PROXY header that is damaged or not from a trusted proxy.</summary>
    BadProxyHeader,

    /// <summary>The server failed.</summary>
    ServerError,

    /// <summary>The client did not finish a packet in time.</summary>
    SlowSender,

    /// <summary>The replay cache had no room for the handshake.</summary>
    ReplayCacheFull,

    /// <summary>The server refused the client's TLS certificate, or the client sent no certificate although one is required.</summary>
    ClientCertificateRefused,
}
