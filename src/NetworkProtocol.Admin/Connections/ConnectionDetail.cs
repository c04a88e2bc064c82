namespace NetworkProtocol.Admin;

/// <summary>An open connection with all details.</summary>
public sealed record ConnectionDetail(
    [property: Field("The connection as in the list of connections.")] ConnectionRow Connection,
    [property: Field("The address and port of the proxy between client and server; null without a proxy.", "10.0.0.2:40112")] string? Proxy,
    [property: Field("The TLS version and cipher suite; null without TLS.", "TLS 1.3, TLS_AES_256_GCM_SHA384")] string? Tls,
    [property: Field("The subject of the authority that issued the client's certificate; null without a certificate.", "CN=Example CA")]
    string? CertificateIssuer,
    [property: Field(
        "The SHA-256 of the client's certificate; null without a certificate.",
        "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08")]
    string? CertificateSha256,
    [property: Field("The command whose handler is running; null if none is.", "ORDER")] string? CommandInFlight,
    [property: Field("The last error of this connection; null without an error.", "Unknown command: NOBODY")] string? LastError,
    [property: Field("The last 16 messages, the newest first.")] IReadOnlyList<MessageRow> RecentMessages);
