using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Server.Connections;

/// <summary>Who a client is, as far as TLS or the operating system has verified it.</summary>
/// <param name="Kind">What the name comes from.</param>
/// <param name="Name">The name; empty for <see cref="ClientIdentityKind.None"/>.</param>
/// <param name="Issuer">The subject of the authority that issued the client's certificate; null without a certificate.</param>
/// <param name="Thumbprint">The SHA-256 of the client's certificate in hexadecimal; null without a certificate.</param>
public sealed record ClientIdentity(ClientIdentityKind Kind, string Name, string? Issuer = null, string? Thumbprint = null)
{
    internal const string UriPrefix = "uri:";
    internal const string DnsPrefix = "dns:";
    internal const string CommonNamePrefix = "cn:";
    internal const string UserPrefix = "uid:";

    /// <summary>A client without a verified name.</summary>
    public static ClientIdentity None { get; } = new(ClientIdentityKind.None, "");

    /// <summary>
    /// The identity that a verified certificate gives its client: by its first URI, else its first DNS name, else its common name.
    /// </summary>
    /// <exception cref="CryptographicException">The names in the certificate cannot be read.</exception>
    public static ClientIdentity OfCertificate(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return CertificateIdentity.Of(certificate);
    }

    /// <summary>
    /// The name with its kind before it, so that a name of one kind cannot pass for a name of another kind:
    /// <c>uri:spiffe://example.org/orders</c>, <c>dns:orders.example.org</c>, <c>cn:orders</c>, <c>uid:1000</c>; empty for
    /// <see cref="ClientIdentityKind.None"/>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        ClientIdentityKind.CertificateUri => UriPrefix + Name,
        ClientIdentityKind.CertificateDns => DnsPrefix + Name,
        ClientIdentityKind.CertificateCommonName => CommonNamePrefix + Name,
        ClientIdentityKind.UnixUser => UserPrefix + Name,
        _ => "",
    };

    /// <summary>Reads a name in the form of <see cref="ToString"/>. A DNS name may have capitals.</summary>
    internal static bool TryNormalize(string text, out string normalized)
    {
        string[] prefixes = [UriPrefix, DnsPrefix, CommonNamePrefix, UserPrefix];
        normalized = text.StartsWith(DnsPrefix, StringComparison.Ordinal) ? text.ToLowerInvariant() : text;
        return Array.Exists(prefixes, prefix => text.Length > prefix.Length && text.StartsWith(prefix, StringComparison.Ordinal))
            && (!text.StartsWith(UserPrefix, StringComparison.Ordinal) || IsUser(text[UserPrefix.Length..]));
    }

    private static bool IsUser(string number) => uint.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var user)
        && user != uint.MaxValue && number == user.ToString(CultureInfo.InvariantCulture);
}
