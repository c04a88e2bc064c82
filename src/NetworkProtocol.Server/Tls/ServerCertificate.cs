using System.Net.Security;
using System.Security.Authentication;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Server.Tls;

/// <summary>The contents of the files of <see cref="TlsOptions"/>.</summary>
/// <param name="Pair">Certificate, key and chain.</param>
/// <param name="Context">The same for TLS.</param>
/// <param name="ClientAuthorities">The authorities of client certificates; null if the server requests none.</param>
internal sealed record ServerCertificate(CertificatePair Pair, SslStreamCertificateContext Context, TrustAnchors? ClientAuthorities)
{
    /// <summary>When the first certificate of the chain expires, and with it the chain.</summary>
    public DateTimeOffset Expires => Pair.All.Min(ChainFaults.End);

    /// <summary>Gaps in the chain, because of which clients may refuse the certificate at any time.</summary>
    public IReadOnlyList<string> ChainGaps { get; } = [.. ServedChain.FindGaps(Pair, ClientAuthorities)];

    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static ServerCertificate Read(TlsOptions tls)
    {
        var pair = CertificatePair.Read(tls.CertificatePath, tls.KeyPath);
        CertificateStrength.Check(tls.CertificatePath, pair);
        var authorities = tls.ClientCertificates == ClientCertificates.None ? null : TrustAnchors.Read(tls.ClientCaPath);
        return new ServerCertificate(pair, pair.CreateContext(), authorities);
    }

    /// <summary>The options of a TLS handshake with any client.</summary>
    public SslServerAuthenticationOptions CreateHandshakeOptions() => new()
    {
        ServerCertificateContext = Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [], // the server has no ALPN protocol, and accepts clients that offer any
        CertificateRevocationCheckMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
    };

    /// <summary>The certificates that have expired or are not valid yet.</summary>
    public IEnumerable<string> FindOutOfTime(DateTimeOffset now) =>
        Pair.All.Concat(ClientAuthorities?.Certificates ?? [])
            .Select(certificate => ChainFaults.OutOfTime(certificate, now)).OfType<string>();
}
