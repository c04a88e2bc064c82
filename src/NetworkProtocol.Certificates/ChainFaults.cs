using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>Describes the errors of a certificate chain. Each description names the certificate that has the error.</summary>
internal static class ChainFaults
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Describes all errors. The text is empty if there are none.</summary>
    /// <param name="chain">The chain that the framework built.</param>
    /// <param name="ofClient">Whether the chain belongs to a TLS client. Otherwise it belongs to a TLS server.</param>
    public static string Describe(X509Chain? chain, bool ofClient) => chain is null ? "" : string.Join("; ", chain.ChainElements
        .SelectMany(element => element.ChainElementStatus.Select(status => Describe(element.Certificate, status, chain, ofClient)))
        .Where(text => text.Length > 0)
        .Distinct());

    /// <summary>Describes when a certificate becomes valid or has expired. Null if it is valid now.</summary>
    public static string? OutOfTime(X509Certificate2 certificate, DateTimeOffset now) =>
        now < Begin(certificate)
            ? $"{Names.Of(certificate)} is not valid before {Time(Begin(certificate))}, and this host's clock says {Time(now)}"
        : now > End(certificate) ? $"{Names.Of(certificate)} has expired on {Time(End(certificate))}"
        : null;

    public static DateTimeOffset Begin(X509Certificate2 certificate) => new(certificate.NotBefore);

    public static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter);

    private static string Describe(X509Certificate2 certificate, X509ChainStatus status, X509Chain chain, bool ofClient)
    {
        var name = Names.Of(certificate);
        var (peers, missing) = ofClient ? ("clients", "clientAuth") : ("servers", "serverAuth");
        return status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid => OutOfTime(certificate, chain.ChainPolicy.VerificationTime) ?? "",
            X509ChainStatusFlags.NotValidForUsage => IsFor(certificate, ofClient ? ClientUse : ServerUse)
                ? "" // the framework reports this for the whole chain, and another certificate has the error
                : $"{name} is not for TLS {peers}: its extended key usage lacks {missing}",
            X509ChainStatusFlags.NotSignatureValid => $"the signature of {name} is not its issuer's",
            X509ChainStatusFlags.InvalidBasicConstraints =>
                $"{name} may not sign such a certificate: it is no authority, or its path length allows none below",
            X509ChainStatusFlags.PartialChain => $"the issuer of {name}, {Names.IssuerOf(certificate)}, is neither known nor sent along",
            X509ChainStatusFlags.UntrustedRoot => $"{name} is not trusted",
            _ => $"{name}: {status.StatusInformation.Trim().TrimEnd('.')}",
        };
    }

    private static bool IsFor(X509Certificate2 certificate, string use) => certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
        .All(usage => usage.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Any(oid => oid.Value == use));

    private static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
