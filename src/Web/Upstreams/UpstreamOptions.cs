extern alias Client;

using Microsoft.Extensions.Options;
using Client::NetworkProtocol.Certificates;
using NetworkProtocol.Client;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Upstreams;

/// <summary>Commands that other servers answer, which are equal to each other.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>The servers, equal to each other, each as host:port or unix:/path.</summary>
    [Shown]
    public IList<string> Addresses { get; } = [];

    /// <summary>The commands that are passed on.</summary>
    [Shown]
    public IList<string> Commands { get; } = [];

    /// <summary>TLS, or the secure handshake.</summary>
    public ClientTransport Transport { get; set; } = ClientTransport.Tls;

    /// <summary>A PEM file with the authorities to trust in place of the system's.</summary>
    [Shown, ReadAgain]
    public string CaPath { get; set; } = "";

    /// <summary>A PEM file: this server's certificate as a client.</summary>
    [Shown, ReadAgain]
    public string CertificatePath { get; set; } = "";

    /// <summary>A PEM file: its private key.</summary>
    [Shown, ReadAgain]
    public string KeyPath { get; set; } = "";
}

/// <summary>The section <c>NetworkProtocol:Upstreams</c>: commands that other servers answer, by a name for each group of equal servers.</summary>
internal sealed class UpstreamsOptions() : Dictionary<string, UpstreamOptions>(StringComparer.OrdinalIgnoreCase)
{
    public const string Section = "NetworkProtocol:Upstreams";
}

/// <summary>Checks what <see cref="ProtocolClientOptions"/> do not check themselves.</summary>
internal sealed class UpstreamsOptionsValidator : IValidateOptions<UpstreamsOptions>
{
    public ValidateOptionsResult Validate(string? name, UpstreamsOptions options)
    {
        var errors = options.SelectMany(pair => Check($"{UpstreamsOptions.Section}:{pair.Key}", pair.Value)).ToList();
        errors.AddRange(options.Values.SelectMany(upstream => upstream.Commands).GroupBy(command => command, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => $"{UpstreamsOptions.Section}: the command {group.Key} is assigned to two upstreams; assign it to one of them"));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>What is wrong with one upstream.</summary>
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

        if (FindProblem(() => o.CaPath.Length > 0 ? TrustAnchors.Read(o.CaPath) : null) is { } untrusted)
        {
            yield return $"{key}:CaPath = {o.CaPath}: {untrusted.Message}";
        }

        if (o.KeyPath.Length > 0 && o.CertificatePath.Length == 0)
        {
            yield return $"{key}:KeyPath = {o.KeyPath}: must be set together with CertificatePath";
        }

        var keyPath = o.KeyPath.Length > 0 ? o.KeyPath : o.CertificatePath;
        if (FindProblem(() => o.CertificatePath.Length > 0 ? CertificatePair.Read(o.CertificatePath, keyPath) : null) is { } unusable)
        {
            yield return $"{key}:{(unusable.Path == o.CertificatePath ? "CertificatePath" : "KeyPath")} = {unusable.Path}: {unusable.Message}";
        }

        if (o.Transport == ClientTransport.SecureHandshake && (o.CaPath + o.CertificatePath).Length > 0)
        {
            yield return $"{key}:Transport = {o.Transport}: must be {ClientTransport.Tls} together with CaPath or CertificatePath, because the secure handshake verifies no certificate";
        }
    }

    private static CertificateException? FindProblem(Func<object?> read)
    {
        try
        {
            read();
            return null;
        }
        catch (CertificateException e)
        {
            return e;
        }
    }
}
