using System.Security.Authentication;
using NetworkProtocol.Client.Tls;

namespace NetworkProtocol.Client;

/// <summary>
/// TLS 1.2 or 1.3. A server is accepted when its certificate's chain ends at a trusted authority, the name matches, it proves that
/// it has the key, and, if there are <see cref="Pins"/>, one of them matches.
/// </summary>
public sealed class ClientTlsOptions
{
    /// <summary>
    /// A PEM file: the authorities (or the self-signed certificate) that the server's certificate may come from,
    /// in place of the system's. An issuing authority will do without the root above it. The name must still match.
    /// Default null: the system's authorities.
    /// </summary>
    public string? TrustedCertificatesPath { get; set; }

    /// <summary>The name that the server's certificate must carry, also sent as SNI. Default null: the address's host.</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file: the client's certificate, then its chain. Default null: none is shown.</summary>
    public string? ClientCertificatePath { get; set; }

    /// <summary>
    /// A PEM file: the client's private key, not encrypted. Default null: it is in <see cref="ClientCertificatePath"/>'s file.
    /// </summary>
    public string? ClientKeyPath { get; set; }

    /// <summary>
    /// Each the SHA-256 of the server's certificate (DER) or of its public key (SubjectPublicKeyInfo, RFC 7469), as 64 hexadecimal
    /// digits, with colons or not, or as Base64, <c>sha256/</c> before it or not. One match is enough, so that a certificate can be
    /// replaced. Checked in addition to the chain and the name. Default empty: no pins.
    /// </summary>
    public IList<string> Pins { get; init; } = [];

    /// <summary>The oldest version: <see cref="SslProtocols.Tls12"/> or <see cref="SslProtocols.Tls13"/>. Default TLS 1.2.</summary>
    public SslProtocols MinimumVersion { get; set; } = SslProtocols.Tls12;

    /// <summary>Resume an earlier session with the same server, which spares a handshake's asymmetric operations. Default true.</summary>
    public bool AllowResumption { get; set; } = true;

    /// <summary>
    /// Accept any server certificate, which gives up knowing who the server is unless there are <see cref="Pins"/>: for tests
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
        check.True(nameof(ClientKeyPath), ClientKeyPath is null || ClientCertificatePath is not null, $"needs {nameof(ClientCertificatePath)}");
        check.True(nameof(MinimumVersion), MinimumVersion is SslProtocols.Tls12 or SslProtocols.Tls13, $"= {MinimumVersion} is neither Tls12 nor Tls13");
        check.True(nameof(Pins), Pins is not null, "must not be null");
        foreach (var pin in Pins ?? [])
        {
            check.True(nameof(Pins), CertificatePin.TryParse(pin, out _), $"holds '{pin}', which is no SHA-256 in hexadecimal or Base64");
        }
    }
}
