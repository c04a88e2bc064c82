using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>
/// The certificates of a file as trust anchors (RFC 5280, section 6.1). A certificate that is not self-signed, such as an issuing
/// authority, is an anchor too, as with OpenSSL's <c>-partial_chain</c>. The framework alone would require the root above it.
/// </summary>
internal sealed class TrustAnchors(X509Certificate2Collection certificates)
{
    private const X509ChainStatusFlags WithoutRoot = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    /// <summary>The trusted certificates.</summary>
    public X509Certificate2Collection Certificates => certificates;

    /// <summary>Reads the trust anchors of a PEM file.</summary>
    /// <exception cref="CertificateException">The file has no certificate, or one is damaged.</exception>
    public static TrustAnchors Read(string path) => new(PemFile.ReadCertificates(path));

    /// <summary>Creates a policy for <see cref="SslStream"/>. Give the errors that it finds to <see cref="Judge"/>.</summary>
    public X509ChainPolicy CreatePolicy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true, // otherwise a peer's certificate could make this host connect to any address
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(certificates);
        return policy;
    }

    /// <summary>Removes the error about the chain if the chain leads to an anchor and has no other error up to that anchor.</summary>
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

    // The bytes have to be the same, not only name and key: the owner of the key could sign a similar certificate that allows more. The
    // validity is checked here because OpenSSL does not check it on a chain's last certificate if its issuer is missing.
    private bool IsAnchor(X509Certificate2 certificate, DateTime now) =>
        certificates.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))
        && certificate.NotBefore.ToUniversalTime() <= now.ToUniversalTime()
        && now.ToUniversalTime() <= certificate.NotAfter.ToUniversalTime();
}
