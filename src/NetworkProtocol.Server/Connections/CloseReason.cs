namespace NetworkProtocol.Server.Connections;

/// <summary>Why a connection ended; in logs, metrics and lists as the names in snake case.</summary>
public enum CloseReason
{
    /// <summary>Still open.</summary>
    None,

    /// <summary>The client closed its side.</summary>
    ClientLeft,

    /// <summary>The client said Disconnect.</summary>
    Disconnect,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimedOut,

    /// <summary>The server refused the handshake.</summary>
    HandshakeRefused,

    /// <summary>The client repeated a handshake or packet that the server had already received.</summary>
    Replay,

    /// <summary>Bytes that are not this protocol's.</summary>
    BadMagic,

    /// <summary>A version that is not spoken here.</summary>
    BadVersion,

    /// <summary>A packet over the limit.</summary>
    TooLarge,

    /// <summary>A packet that is not authentic.</summary>
    DidNotDecrypt,

    /// <summary>A message that is cut short or not UTF-8.</summary>
    DidNotDecode,

    /// <summary>The client sent nothing for four heartbeat intervals.</summary>
    Dead,

    /// <summary>The client did not read its answers.</summary>
    SlowReader,

    /// <summary>An operator disconnected the client.</summary>
    Disconnected,

    /// <summary>The client's address or certificate is banned.</summary>
    Banned,

    /// <summary>The server had as many connections as it may.</summary>
    ServerFull,

    /// <summary>The address had as many connections as it may.</summary>
    TooManyFromAddress,

    /// <summary>The server is stopping.</summary>
    Draining,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>A PROXY header that is damaged or not from a trusted proxy.</summary>
    BadProxyHeader,

    /// <summary>A fault of the server.</summary>
    ServerError,

    /// <summary>The client did not finish a packet that it had begun.</summary>
    SlowSender,

    /// <summary>The replay cache had no room for the handshake.</summary>
    ReplayCacheFull,

    /// <summary>The server refused the client's TLS certificate, or the client sent no certificate although one is required.</summary>
    ClientCertificateRefused,
}
