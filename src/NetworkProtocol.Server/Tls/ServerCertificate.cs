using System.Net.Security;
using System.Security.Authentication;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Server.Tls;

/// <summary>What the files of <see cref="TlsOptions"/> held when they were read.</summary>
/// <param name="Pair">Certificate, key and chain.</param>
/// <param name="Context">The same for TLS.</param>
/// <param name="ClientAuthorities">Whom client certificates may come from; null if no client is asked.</param>
internal sealed record ServerCertificate(CertificatePair Pair, SslStreamCertificateContext Context, TrustAnchors? ClientAuthorities)
{
    /// <summary>When the first certificate of the chain expires, and with it the chain.</summary>
    public DateTimeOffset Expires => Pair.All.Min(ChainFaults.End);

    /// <summary>What may keep clients away, as far as the host's clock has no say in it.</summary>
    public IReadOnlyList<string> ChainGaps { get; } = [.. ServedChain.FindGaps(Pair, ClientAuthorities)];

    /// <exception cref="CertificateException">A file cannot be used.</exception>
    public static ServerCertificate Read(TlsOptions tls)
    {
        var pair = CertificatePair.Read(tls.CertificatePath, tls.KeyPath);
        CertificateStrength.Check(tls.CertificatePath, pair);
        var authorities = tls.ClientCertificates == ClientCertificates.None ? null : TrustAnchors.Read(tls.ClientCaPath);
        return new ServerCertificate(pair, pair.CreateContext(), authorities);
    }

    /// <summary>What the server agrees to, whoever the client is.</summary>
    public SslServerAuthenticationOptions CreateHandshakeOptions() => new()
    {
        ServerCertificateContext = Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [], // none of ours: whatever a client offers is accepted
        CertificateRevocationCheckMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
    };

    /// <summary>Which certificates are not valid yet or any more.</summary>
    public IEnumerable<string> FindOutOfTime(DateTimeOffset now) =>
        Pair.All.Concat(ClientAuthorities?.Certificates ?? []).Select(certificate => ChainFaults.OutOfTime(certificate, now)).OfType<string>();
}
