using System.Net;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Http</c>.</summary>
internal sealed class HttpOptions
{
    public const string Section = "NetworkProtocol:Http";

    /// <summary>Address and port of console, API, probes and metrics; port 0 picks one.</summary>
    [Shown]
    public string Listen { get; set; } = "0.0.0.0:8080";

    /// <summary>Connections at once, WebSockets of the console among them: 10 to 100,000.</summary>
    public int MaxConnections { get; set; } = 200;

    /// <summary>CIDR networks that may read <c>/metrics</c>; none means everyone.</summary>
    [Shown]
    public IList<string> MetricsNetworks { get; } = [];

    /// <summary>CIDR networks of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    [Shown]
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>Address and port, as <c>0.0.0.0:80</c>, where an ACME authority's HTTP-01 challenges are answered; empty: nowhere.</summary>
    [Shown]
    public string ChallengeListen { get; set; } = "";

    /// <summary>certbot's webroot, the folder that holds <c>.well-known/acme-challenge</c>.</summary>
    [Shown]
    public string ChallengePath { get; set; } = "/var/lib/letsencrypt/webroot";

    /// <summary>A certificate: with one, the port speaks HTTPS alone.</summary>
    public HttpTlsOptions Tls { get; } = new();
}

/// <summary>The section <c>NetworkProtocol:Http:Tls</c>.</summary>
internal sealed class HttpTlsOptions
{
    /// <summary>A PEM file: the certificate, then its chain. Empty: plain HTTP.</summary>
    [Shown]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file: the private key.</summary>
    [Shown]
    public string KeyPath { get; set; } = "";
}

/// <summary>Checks <see cref="HttpOptions"/>.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    private const int LeastConnections = 10;
    private const int MostConnections = 100_000;

    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        List<string> errors = [];
        if (!IPEndPoint.TryParse(options.Listen, out _) || !options.Listen.Contains(':'))
        {
            errors.Add($"{HttpOptions.Section}:Listen = {options.Listen}: must be address:port, as 0.0.0.0:8080");
        }

        if (options.MaxConnections is < LeastConnections or > MostConnections)
        {
            errors.Add($"{HttpOptions.Section}:MaxConnections = {options.MaxConnections}: must be {LeastConnections} to {MostConnections}");
        }

        if (options.ChallengeListen.Length > 0 && (!IPEndPoint.TryParse(options.ChallengeListen, out _) || !options.ChallengeListen.Contains(':')))
        {
            errors.Add($"{HttpOptions.Section}:ChallengeListen = {options.ChallengeListen}: must be empty, or address:port, as 0.0.0.0:80");
        }

        if (options.ChallengeListen.Length > 0 && !Directory.Exists(options.ChallengePath))
        {
            errors.Add($"{HttpOptions.Section}:ChallengePath = {options.ChallengePath}: must be an existing folder, certbot's webroot");
        }

        errors.AddRange(Networks("MetricsNetworks", options.MetricsNetworks));
        errors.AddRange(Networks("TrustedProxies", options.TrustedProxies));
        if (TrustedNetworks.FindEveryone(options.TrustedProxies) is { } everyone)
        {
            errors.Add($"{HttpOptions.Section}:TrustedProxies = {everyone}: must be the networks of your proxies only; otherwise every client could claim another address and bypass MetricsNetworks and the limit of sign-ins");
        }

        var tls = options.Tls;
        if (tls.CertificatePath.Length > 0 && IsMissing(tls.CertificatePath))
        {
            errors.Add($"{HttpOptions.Section}:Tls:CertificatePath = {tls.CertificatePath}: must be an existing PEM file; this file does not exist");
        }

        if (tls.CertificatePath.Length > 0 != tls.KeyPath.Length > 0)
        {
            errors.Add($"{HttpOptions.Section}:Tls:KeyPath = {tls.KeyPath}: must be set together with Tls:CertificatePath");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    // One that may not be read is there: the certificate's own check says more of it.
    private static bool IsMissing(string path)
    {
        try
        {
            _ = File.GetAttributes(path);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Networks(string key, IEnumerable<string> networks) => networks
        .Where(cidr => !IPNetwork.TryParse(cidr, out _))
        .Select(cidr => $"{HttpOptions.Section}:{key} = {cidr}: must be a network as 10.0.0.0/8");
}
