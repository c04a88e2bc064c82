namespace NetworkProtocol.Server.Connections;

/// <summary>How a client reached the server.</summary>
public enum ConnectionTransport
{
    /// <summary>Not known until the first byte arrives.</summary>
    Undecided,

    /// <summary>TCP with the secure handshake.</summary>
    Secure,

    /// <summary>TCP with TLS.</summary>
    Tls,

    /// <summary>A Unix socket.</summary>
    Local,
}
