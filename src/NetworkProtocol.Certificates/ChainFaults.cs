using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>Says what is wrong with a chain, naming the certificate that is at fault.</summary>
internal static class ChainFaults
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>All faults, or the empty text.</summary>
    /// <param name="chain">The chain as it was built.</param>
    /// <param name="ofClient">Whether it is a TLS client's, and not a server's.</param>
    public static string Describe(X509Chain? chain, bool ofClient) => chain is null ? "" : string.Join("; ", chain.ChainElements
        .SelectMany(element => element.ChainElementStatus.Select(status => Describe(element.Certificate, status, chain, ofClient)))
        .Where(text => text.Length > 0)
        .Distinct());

    /// <summary>When a certificate begins or has ended, if that is not now; null if it is valid now.</summary>
    public static string? OutOfTime(X509Certificate2 certificate, DateTimeOffset now) =>
        now < Begin(certificate) ? $"{Names.Of(certificate)} is not valid before {Time(Begin(certificate))}, and this host's clock says {Time(now)}"
        : now > End(certificate) ? $"{Names.Of(certificate)} has expired on {Time(End(certificate))}"
        : null;

    public static DateTimeOffset Begin(X509Certificate2 certificate) => new(certificate.NotBefore);

    public static DateTimeOffset End(X509Certificate2 certificate) => new(certificate.NotAfter);

    private static string Describe(X509Certificate2 certificate, X509ChainStatus status, X509Chain chain, bool ofClient)
    {
        var name = Names.Of(certificate);
        return status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid => OutOfTime(certificate, chain.ChainPolicy.VerificationTime) ?? "",
            X509ChainStatusFlags.NotValidForUsage => IsFor(certificate, ofClient ? ClientUse : ServerUse)
                ? "" // the framework complains about the whole chain; the certificate at fault is another
                : $"{name} is not for TLS {(ofClient ? "clients" : "servers")}: its extended key usage lacks {(ofClient ? "clientAuth" : "serverAuth")}",
            X509ChainStatusFlags.NotSignatureValid => $"the signature of {name} is not its issuer's",
            X509ChainStatusFlags.InvalidBasicConstraints => $"{name} may not sign such a certificate: it is no authority, or its path length allows none below",
            X509ChainStatusFlags.PartialChain => $"the issuer of {name}, {Names.IssuerOf(certificate)}, is neither known nor sent along",
            X509ChainStatusFlags.UntrustedRoot => $"{name} is not trusted",
            _ => $"{name}: {status.StatusInformation.Trim().TrimEnd('.')}",
        };
    }

    private static bool IsFor(X509Certificate2 certificate, string use) => certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
        .All(usage => usage.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Any(oid => oid.Value == use));

    private static string Time(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
