namespace NetworkProtocol.Client;

/// <summary>What protects a TCP connection. Unix sockets use neither: the file's permissions are their access control.</summary>
public enum ClientTransport
{
    /// <summary>TLS 1.2 or 1.3; the server shows a certificate. The default.</summary>
    Tls,

    /// <summary>
    /// The protocol's own handshake and encryption. Nothing proves who the server is: for trusted networks only.
    /// </summary>
    SecureHandshake,

    /// <summary>
    /// Neither, as on a Unix socket: only for a stream that <see cref="ConnectionOptions.Dial"/> makes and that nobody else can
    /// reach, as one in memory.
    /// </summary>
    None,
}
