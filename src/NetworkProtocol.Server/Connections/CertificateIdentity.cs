using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Server.Connections;

/// <summary>Finds a client's name in its verified certificate: a URI, else a DNS name, else the common name.</summary>
internal static class CertificateIdentity
{
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>uniformResourceIdentifier of GeneralName (RFC 5280, section 4.2.1.6).</summary>
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

    /// <exception cref="AsnContentException">The names in the certificate cannot be read.</exception>
    /// <exception cref="CryptographicException">The names in the certificate cannot be read.</exception>
    public static ClientIdentity Of(X509Certificate2 certificate)
    {
        var (kind, name) = FindName(certificate);
        return new ClientIdentity(kind, name, certificate.Issuer, certificate.GetCertHashString(HashAlgorithmName.SHA256));
    }

    private static (ClientIdentityKind Kind, string Name) FindName(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return names is not null && FindUri(names.RawData) is { Length: > 0 } uri ? (ClientIdentityKind.CertificateUri, uri)
            : names?.EnumerateDnsNames().FirstOrDefault() is { Length: > 0 } host
                ? (ClientIdentityKind.CertificateDns, host.ToLowerInvariant())
            : FindCommonName(certificate.SubjectName) is { Length: > 0 } common ? (ClientIdentityKind.CertificateCommonName, common)
            : (ClientIdentityKind.None, "");
    }

    // The framework lists DNS names and addresses, but no URIs.
    private static string? FindUri(byte[] extension)
    {
        var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            if (names.PeekTag().HasSameClassAndValue(Uri))
            {
                return names.ReadCharacterString(UniversalTagNumber.IA5String, Uri);
            }

            names.ReadEncodedValue();
        }

        return null;
    }

    private static string? FindCommonName(X500DistinguishedName subject) => subject.EnumerateRelativeDistinguishedNames()
        .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)?.GetSingleElementValue();
}
