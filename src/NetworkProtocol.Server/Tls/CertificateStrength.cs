using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NetworkProtocol.Certificates;

namespace NetworkProtocol.Server.Tls;

/// <summary>
/// Checks what TLS clients require on every host: OpenSSL's security level 2, and the signatures and curves of TLS 1.3 (RFC 8446, section
/// 4.2.3). This host's own OpenSSL may require less.
/// </summary>
internal static class CertificateStrength
{
    private const int LeastRsaBits = 2048;

    private static readonly Dictionary<string, string> Curves = new()
    {
        ["1.2.840.10045.3.1.7"] = "P-256",
        ["1.3.132.0.34"] = "P-384",
        ["1.3.132.0.35"] = "P-521",
    };

    private static readonly Dictionary<string, string> WeakSignatures = new()
    {
        ["1.2.840.113549.1.1.2"] = "MD2",
        ["1.2.840.113549.1.1.4"] = "MD5",
        ["1.2.840.113549.1.1.5"] = "SHA-1",
        ["1.3.14.3.2.29"] = "SHA-1",
        ["1.2.840.10045.4.1"] = "SHA-1",
        ["1.2.840.10040.4.3"] = "SHA-1",
    };

    /// <exception cref="CertificateException">Clients would refuse one of the certificates.</exception>
    public static void Check(string path, CertificatePair pair)
    {
        if ((pair.All.Select(WeaknessOf).FirstOrDefault(weakness => weakness is not null) ?? CurveOf(pair.Leaf)) is { } problem)
        {
            throw new CertificateException(path, problem);
        }
    }

    private static string? WeaknessOf(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        var isSelfSigned = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
        return rsa?.KeySize < LeastRsaBits
                ? $"must have an RSA key of {LeastRsaBits} bits or more, which clients insist on; that of {Names.Of(certificate)} has "
                    + $"{rsa.KeySize}"
            : !isSelfSigned && WeakSignatures.TryGetValue(certificate.SignatureAlgorithm.Value ?? "", out var hash)
                ? $"must be signed with SHA-256 or better, which clients insist on; {Names.Of(certificate)} is signed with {hash}"
            : null;
    }

    private static string? CurveOf(X509Certificate2 leaf)
    {
        using var key = leaf.GetECDsaPublicKey();
        var curve = key?.ExportParameters(includePrivateParameters: false).Curve;
        return curve is null || Curves.ContainsKey(curve.Value.Oid?.Value ?? "") ? null
            : $"must have a key on one of the curves {string.Join(", ", Curves.Values)}; that of {Names.Of(leaf)} is on "
                + $"{curve.Value.Oid?.FriendlyName ?? "another"}";
    }
}
