using System.Security.Authentication;
using NetworkProtocol.Client.Tls;
using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>
/// Options of TLS 1.2 and 1.3. The client accepts a server if the chain of the server's certificate ends at a trusted authority, the
/// name in the certificate matches, the server proves that it has the certificate's key, and, if there are <see cref="Pins"/>, one of
/// them matches.
/// </summary>
public sealed class ClientTlsOptions
{
    /// <summary>
    /// The path of a PEM file with the trusted authorities, or with the server's self-signed certificate. They replace the system's
    /// authorities. An issuing authority is enough, without the root above it. The name must still match. The file is read for each
    /// new connection. Default null: the system's authorities.
    /// </summary>
    public string? TrustedCertificatesPath { get; set; }

    /// <summary>
    /// The name that the server's certificate must have. The client also sends it as SNI. Default null: the address's host.
    /// </summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// The path of a PEM file with the client's certificate and then its chain. The file is read for each new connection. Default null:
    /// the client sends no certificate.
    /// </summary>
    public string? ClientCertificatePath { get; set; }

    /// <summary>
    /// The path of a PEM file with the client's private key, not encrypted. Default null: the key is in the file of
    /// <see cref="ClientCertificatePath"/>.
    /// </summary>
    public string? ClientKeyPath { get; set; }

    /// <summary>
    /// The accepted servers. Each pin is the SHA-256 of the server's certificate (DER) or of its public key (SubjectPublicKeyInfo,
    /// RFC 7469), as 64 hexadecimal digits with or without colons, or as Base64; <c>sha256/</c> may precede both. One match is enough,
    /// so that a certificate can be replaced. The client checks the pins in addition to chain and name. Default empty: no pins.
    /// </summary>
    public IList<string> Pins { get; init; } = [];

    /// <summary>
    /// The oldest accepted version: <see cref="SslProtocols.Tls12"/> or <see cref="SslProtocols.Tls13"/>. Default
    /// <see cref="SslProtocols.Tls12"/>.
    /// </summary>
    public SslProtocols MinimumVersion { get; set; } = SslProtocols.Tls12;

    /// <summary>
    /// Whether a connection resumes an earlier TLS session with the same server, which saves the handshake's asymmetric operations.
    /// Default true.
    /// </summary>
    public bool AllowResumption { get; set; } = true;

    /// <summary>
    /// Whether the client accepts any server certificate. Without <see cref="Pins"/> nothing then proves who the server is: for tests
    /// only. Default false.
    /// </summary>
    public bool AllowUntrustedServer { get; set; }

    internal ClientTlsOptions Copy() => new()
    {
        TrustedCertificatesPath = TrustedCertificatesPath,
        ServerName = ServerName,
        ClientCertificatePath = ClientCertificatePath,
        ClientKeyPath = ClientKeyPath,
        Pins = [.. Pins],
        MinimumVersion = MinimumVersion,
        AllowResumption = AllowResumption,
        AllowUntrustedServer = AllowUntrustedServer,
    };

    internal void Check(OptionsCheck check)
    {
        check.True(
            nameof(ClientKeyPath), ClientKeyPath is null || ClientCertificatePath is not null, $"needs {nameof(ClientCertificatePath)}");
        check.True(
            nameof(MinimumVersion),
            MinimumVersion is SslProtocols.Tls12 or SslProtocols.Tls13,
            $"= {MinimumVersion} is neither Tls12 nor Tls13");
        check.True(nameof(Pins), Pins is not null, "must not be null");
        foreach (var pin in Pins ?? [])
        {
            check.True(nameof(Pins), CertificatePin.TryParse(pin, out _), $"has '{pin}', which is not a SHA-256 in hexadecimal or Base64");
        }
    }
}
