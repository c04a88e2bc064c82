using System.Security.Cryptography;

namespace NetworkProtocol.Certificates;

/// <summary>Reads a private key from a PEM file: PKCS #8, PKCS #1 (RSA) or SEC 1 (EC), without a passphrase.</summary>
internal static class PrivateKeyFile
{
    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";
    private const string EncryptedHeader = "Proc-Type: 4,ENCRYPTED"; // RFC 1421; openssl writes it for PKCS #1 and SEC 1

    private static readonly string[] Labels = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

    /// <summary>Reads the first private key of a file.</summary>
    /// <exception cref="CertificateException">The file has no private key that can be used.</exception>
    public static AsymmetricAlgorithm Read(string path)
    {
        var text = PemFile.ReadText(path);
        var labels = PemFile.Labels(text);
        if (labels.Contains(EncryptedLabel) || text.Contains(EncryptedHeader, StringComparison.Ordinal))
        {
            throw new CertificateException(
                path, "must be a private key without a passphrase; it is encrypted, and 'openssl pkey' removes the passphrase");
        }

        if (!labels.Any(Labels.Contains))
        {
            throw new CertificateException(path, $"must hold a private key (PKCS #8, RSA or EC); it holds {PemFile.Contents(labels)}");
        }

        var key = PemFile.Blocks(text, Labels.Contains).FirstOrDefault();
        return key is null ? throw new CertificateException(path, "must hold a whole private key; it is cut short or damaged")
            : Decode(RSA.Create, key) ?? Decode(ECDsa.Create, key)
                ?? throw new CertificateException(path, "must be an RSA or an EC key; it is damaged, or of another type");
    }

    private static AsymmetricAlgorithm? Decode(Func<AsymmetricAlgorithm> create, string pem)
    {
        var key = create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null; // the key is of another type
        }
    }
}
