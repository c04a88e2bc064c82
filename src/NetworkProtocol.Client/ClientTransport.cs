namespace NetworkProtocol.Client;

/// <summary>The protection of a TCP connection. A Unix socket needs none, because the file's permissions control the access.</summary>
public enum ClientTransport
{
    /// <summary>TLS 1.2 or 1.3. A certificate proves who the server is. The default.</summary>
    Tls,

    /// <summary>
    /// The protocol's own handshake and encryption. Nothing proves who the server is: for trusted networks only.
    /// </summary>
    SecureHandshake,

    /// <summary>
    /// No protection, as on a Unix socket: only for a stream that <see cref="ConnectionOptions.Dial"/> makes and that nobody else can
    /// reach, for example a stream in memory.
    /// </summary>
    None,
}
