using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>A certificate with its private key, and the chain in the certificate's file.</summary>
/// <param name="Leaf">The first certificate of the file, with the key.</param>
/// <param name="Rest">The other certificates of the file, in the file's order.</param>
internal sealed record CertificatePair(X509Certificate2 Leaf, IReadOnlyList<X509Certificate2> Rest)
{
    private const string RsaKey = "1.2.840.113549.1.1.1";
    private const string EcKey = "1.2.840.10045.2.1";

    /// <summary>All certificates of the file, in the file's order.</summary>
    public IEnumerable<X509Certificate2> All => [Leaf, .. Rest];

    /// <summary>Reads a certificate and its key from two files, or from one file that has both.</summary>
    /// <exception cref="CertificateException">A file cannot be used, or the key does not belong to the first certificate.</exception>
    public static CertificatePair Read(string certificatePath, string keyPath)
    {
        var certificates = PemFile.ReadCertificates(certificatePath);
        if (!MaySign(certificates[0]))
        {
            throw new CertificateException(
                certificatePath,
                $"must have digitalSignature in its key usage, which TLS signs with; {Names.Of(certificates[0])} lacks it");
        }

        using var key = PrivateKeyFile.Read(keyPath);
        var leaf = Join(certificates[0], key) ?? throw Mismatch(certificates, certificatePath, key, keyPath);
        return new CertificatePair(OperatingSystem.IsWindows() ? Stored(leaf) : leaf, [.. certificates.Skip(1)]);
    }

    /// <summary>Creates the context with which TLS sends the file's certificates, in the file's order.</summary>
    public System.Net.Security.SslStreamCertificateContext CreateContext() => ExactChain.Create(Leaf, Rest);

    // RFC 8446, section 4.4.2.2: a certificate with a key usage must allow digitalSignature.
    private static bool MaySign(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().All(usage => usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature));

    private static X509Certificate2? Join(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        try
        {
            return (certificate.PublicKey.Oid.Value, key) switch
            {
                (RsaKey, RSA rsa) => certificate.CopyWithPrivateKey(rsa),
                (EcKey, ECDsa ecdsa) => certificate.CopyWithPrivateKey(ecdsa),
                _ => null,
            };
        }
        catch (ArgumentException)
        {
            return null; // the framework throws this if the key does not belong to the certificate
        }
    }

    private static CertificateException Mismatch(
        X509Certificate2Collection certificates, string certificatePath, AsymmetricAlgorithm key, string keyPath)
    {
        var leaf = certificates[0];
        if (leaf.PublicKey.Oid.Value is not (RsaKey or EcKey))
        {
            var type = leaf.PublicKey.Oid.FriendlyName ?? leaf.PublicKey.Oid.Value;
            return new CertificateException(
                certificatePath, $"must have an RSA or an EC key; the key of {Names.Of(leaf)} is of the type {type}");
        }

        var owner = certificates.ToList().FindIndex(certificate => Join(certificate, key) is not null);
        return owner > 0
            ? new CertificateException(
                certificatePath,
                $"must begin with the certificate that the key belongs to, which is {Names.Of(certificates[owner])}; "
                    + $"it is number {owner + 1} in the file")
            : new CertificateException(keyPath, $"must be the key of the certificate {Names.Of(leaf)}; it belongs to another certificate");
    }

    // TLS on Windows does not accept a key that is only in memory.
    private static X509Certificate2 Stored(X509Certificate2 inMemory)
    {
        using (inMemory)
        {
            return X509CertificateLoader.LoadPkcs12(inMemory.Export(X509ContentType.Pkcs12), null);
        }
    }
}
