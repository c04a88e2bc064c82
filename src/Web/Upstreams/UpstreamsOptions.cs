using Microsoft.Extensions.Options;
using NetworkProtocol.Client;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>The section <c>NetworkProtocol:Upstreams</c>: upstreams, whose servers answer commands for this server, by name.</summary>
internal sealed class UpstreamsOptions() : Dictionary<string, UpstreamOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "NetworkProtocol:Upstreams";
}

/// <summary>Checks the settings of upstreams that <see cref="ProtocolClientOptions"/> does not check.</summary>
internal sealed class UpstreamsOptionsValidator : IValidateOptions<UpstreamsOptions>
{
    public ValidateOptionsResult Validate(string? name, UpstreamsOptions options)
    {
        var errors = options.SelectMany(pair => Check($"{UpstreamsOptions.Section}:{pair.Key}", pair.Value)).ToList();
        errors.AddRange(options.Values.SelectMany(upstream => upstream.Commands).GroupBy(command => command, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"{UpstreamsOptions.Section}: the command {group.Key} is assigned to two upstreams; "
                + "assign it to one of them"));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Finds errors in the settings of one upstream.</summary>
    public static IEnumerable<string> Check(string key, UpstreamOptions o)
    {
        if (o.Addresses.Count == 0)
        {
            yield return $"{key}:Addresses = : must have at least one address, as hub.example:8443";
        }

        for (var i = 0; i < o.Addresses.Count; i++)
        {
            if (!ServerAddress.TryParse(o.Addresses[i], out _))
            {
                yield return $"{key}:Addresses:{i} = {o.Addresses[i]}: must be host, host:port, [v6]:port or unix:/path";
            }
        }

        foreach (var problem in UplinkTlsCheck.Find(key, o.Transport, o.CaPath, o.CertificatePath, o.KeyPath))
        {
            yield return problem;
        }
    }
}
