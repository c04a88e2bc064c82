using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Server.Tls;

/// <summary>Checks whether a client that has only the root can build the chain from what the server sends.</summary>
internal static class ServedChain
{
    /// <summary>
    /// Finds the gaps of a chain: each certificate whose issuer is not the next one, and the last certificate if its issuer is not a known
    /// root.
    /// </summary>
    public static IEnumerable<string> FindGaps(CertificatePair pair, TrustAnchors? authorities)
    {
        X509Certificate2[] chain = [.. pair.All];
        for (var i = 0; i + 1 < chain.Length; i++)
        {
            if (!IsIssuer(chain[i + 1], chain[i]))
            {
                yield return $"The chain is out of order: certificate {i + 2}, {Names.Of(chain[i + 1])}, has not issued the one before it, "
                    + $"{Names.Of(chain[i])}.";
            }
        }

        var last = chain[^1];
        if (!IsIssuer(last, last) && !(authorities?.Certificates.Any(root => IsIssuer(root, last)) ?? false) && !IsFromKnownRoot(last))
        {
            yield return $"The chain is incomplete: the issuer of its last certificate, {Names.IssuerOf(last)}, is neither in the file nor "
                + "a root that this host knows.";
        }
    }

    private static bool IsIssuer(X509Certificate2 issuer, X509Certificate2 certificate) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
        && (AuthorityKey(certificate) is not { } wanted || SubjectKey(issuer) is not { } key || wanted.Span.SequenceEqual(key.Span));

    private static ReadOnlyMemory<byte>? AuthorityKey(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;

    private static ReadOnlyMemory<byte>? SubjectKey(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifierBytes;

    // A chain of two is the certificate and its root. A longer one has intermediate certificates of this host, which clients may not have.
    private static bool IsFromKnownRoot(X509Certificate2 last)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.Build(last);
        return chain.ChainElements.Count == 2 && !chain.ChainStatus.Any(
            status => status.Status is X509ChainStatusFlags.PartialChain or X509ChainStatusFlags.UntrustedRoot);
    }
}
