using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Http</c>: the port of console, API, probes and metrics.</summary>
internal sealed class HttpOptions
{
    public const string Section = "NetworkProtocol:Http";

    /// <summary>Address and port of console, API, probes and metrics. With port 0 the system chooses a free port.</summary>
    [Shown]
    [ListenAddress("0.0.0.0:8080")]
    public string Listen { get; set; } = "0.0.0.0:8080";

    /// <summary>
    /// The limit of concurrent connections, which include the WebSockets of the console: 10 to 100,000. When the limit is reached, a new
    /// connection from a network with fewer connections displaces the oldest connection of the network with the most.
    /// </summary>
    [Range(10, 100_000)]
    public int MaxConnections { get; set; } = 200;

    /// <summary>CIDR networks that may read <c>/metrics</c>; an empty list allows every client.</summary>
    [Shown]
    [Network]
    public IList<string> MetricsNetworks { get; } = [];

    /// <summary>
    /// CIDR networks of reverse proxies. The server trusts the headers <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> of these
    /// proxies; several proxies may stand in a row.
    /// </summary>
    [Shown]
    [Network]
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>
    /// Address and port, as <c>0.0.0.0:80</c>, of a port that only answers an ACME authority's HTTP-01 challenges; empty: no such port.
    /// </summary>
    [Shown]
    [ListenAddress("0.0.0.0:80", MayBeEmpty = true)]
    public string ChallengeListen { get; set; } = "";

    /// <summary>certbot's webroot: the folder that contains <c>.well-known/acme-challenge</c>.</summary>
    [Shown]
    public string ChallengePath { get; set; } = "/var/lib/letsencrypt/webroot";

    /// <summary>The certificate of the HTTP port. With a certificate the port accepts only HTTPS.</summary>
    public HttpTlsOptions Tls { get; } = new();
}

/// <summary>The section <c>NetworkProtocol:Http:Tls</c>.</summary>
internal sealed class HttpTlsOptions
{
    /// <summary>A PEM file with the certificate and then its chain. Empty: plain HTTP.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file with the private key.</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";
}

/// <summary>Checks <see cref="HttpOptions"/>.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        List<string> errors = [];
        if (options.ChallengeListen.Length > 0 && !Directory.Exists(options.ChallengePath))
        {
            errors.Add($"{HttpOptions.Section}:ChallengePath = {options.ChallengePath}: must be an existing folder, certbot's webroot");
        }

        if (TrustedNetworks.FindEveryone(options.TrustedProxies) is { } everyone)
        {
            errors.Add($"{HttpOptions.Section}:TrustedProxies = {everyone}: must be the networks of your proxies only; "
                + "otherwise every client could claim another address and bypass MetricsNetworks and the limit of sign-ins");
        }

        var tls = options.Tls;
        if (tls.CertificatePath.Length > 0 && IsMissing(tls.CertificatePath))
        {
            errors.Add($"{HttpOptions.Section}:Tls:CertificatePath = {tls.CertificatePath}: "
                + "must be an existing PEM file; this file does not exist");
        }

        if (tls.CertificatePath.Length > 0 != tls.KeyPath.Length > 0)
        {
            errors.Add($"{HttpOptions.Section}:Tls:KeyPath = {tls.KeyPath}: must be set together with Tls:CertificatePath");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    // A file without read permission is not missing: the check of the certificate reports the reason.
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
}
