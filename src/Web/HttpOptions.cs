using System.Net;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol:Http</c>.</summary>
internal sealed class HttpOptions
{
    public const string Section = "NetworkProtocol:Http";

    /// <summary>Address and port of probes and metrics; port 0 picks one.</summary>
    public string Listen { get; set; } = "0.0.0.0:8080";

    /// <summary>CIDR networks that may read <c>/metrics</c>; none means everyone.</summary>
    public IList<string> MetricsNetworks { get; } = [];
}

/// <summary>Checks <see cref="HttpOptions"/>.</summary>
internal sealed class HttpOptionsValidator : IValidateOptions<HttpOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpOptions options)
    {
        List<string> errors = [];
        if (!IPEndPoint.TryParse(options.Listen, out _) || !options.Listen.Contains(':'))
        {
            errors.Add($"{HttpOptions.Section}:Listen = {options.Listen}: must be address:port, as 0.0.0.0:8080");
        }

        errors.AddRange(options.MetricsNetworks.Where(cidr => !IPNetwork.TryParse(cidr, out _))
            .Select(cidr => $"{HttpOptions.Section}:MetricsNetworks = {cidr}: must be a network as 10.0.0.0/8"));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
