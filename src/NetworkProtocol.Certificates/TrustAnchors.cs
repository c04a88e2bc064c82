using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>
/// The certificates of a file as trust anchors (RFC 5280, section 6.1). One that is not self-signed, as an issuing authority, is an anchor,
/// too, as with OpenSSL's <c>-partial_chain</c>; the framework alone would want the root above it.
/// </summary>
internal sealed class TrustAnchors(X509Certificate2Collection certificates)
{
    private const X509ChainStatusFlags WithoutRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    /// <summary>The anchors.</summary>
    public X509Certificate2Collection Certificates => certificates;

    /// <exception cref="CertificateException">The file holds no certificate, or a damaged one.</exception>
    public static TrustAnchors Read(string path) => new(PemFile.ReadCertificates(path));

    /// <summary>A policy for <see cref="SslStream"/>. What it finds is for <see cref="Judge"/>.</summary>
    public X509ChainPolicy CreatePolicy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true, // a peer's certificate names the address
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(certificates);
        return policy;
    }

    /// <summary>Takes back the complaint about the chain if it leads to an anchor and is good up to there.</summary>
    public SslPolicyErrors Judge(X509Chain? chain, SslPolicyErrors errors) =>
        errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null && LeadsToAnchor(chain)
            ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors
            : errors;

    private bool LeadsToAnchor(X509Chain chain)
    {
        foreach (var element in chain.ChainElements)
        {
            if (element.ChainElementStatus.Any(status => (status.Status & ~WithoutRoot) != X509ChainStatusFlags.NoError))
            {
                return false;
            }

            if (IsAnchor(element.Certificate, chain.ChainPolicy.VerificationTime))
            {
                return true;
            }
        }

        return false;
    }

    // The same bytes, and not the same name and key: whoever has the key could sign a like one that is allowed more. OpenSSL does not look
    // at the time of a chain's last certificate when its issuer is missing.
    private bool IsAnchor(X509Certificate2 certificate, DateTime now) =>
        certificates.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
        && certificate.NotBefore.ToUniversalTime() <= now.ToUniversalTime() && now.ToUniversalTime() <= certificate.NotAfter.ToUniversalTime();
}
