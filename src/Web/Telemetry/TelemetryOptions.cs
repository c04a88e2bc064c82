using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>The section <c>NetworkProtocol:Telemetry</c>: where metrics, traces and logs are sent.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "NetworkProtocol:Telemetry";

    public OtlpOptions Otlp { get; } = new();
}

/// <summary>
/// The section <c>NetworkProtocol:Telemetry:Otlp</c>: where metrics, traces and logs are sent by OpenTelemetry's protocol.
/// </summary>
internal sealed class OtlpOptions
{
    /// <summary>The receiver, as <c>http://collector:4317</c>; empty: nothing is sent.</summary>
    [Shown]
    public string Endpoint { get; set; } = "";

    /// <summary>
    /// How it is sent: usually port 4317 is <see cref="OtlpProtocol.Grpc"/>, and 4318 <see cref="OtlpProtocol.HttpProtobuf"/>.
    /// </summary>
    public OtlpProtocol Protocol { get; set; }

    /// <summary>Headers of each request by their names, for example a receiver's key. The values are secrets.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The receiver, if <see cref="Endpoint"/> is one.</summary>
    public Uri? FindUrl() => Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && IsReceiver(url) ? url : null;

    private static bool IsReceiver(Uri url) => url.Scheme is "http" or "https" && url.Host.Length > 0
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
}

/// <summary>The two forms of OTLP that OpenTelemetry's exporter speaks.</summary>
internal enum OtlpProtocol
{
    /// <summary>Over gRPC.</summary>
    Grpc,

    /// <summary>Over HTTP, at the paths v1/metrics, v1/traces and v1/logs below the endpoint.</summary>
    HttpProtobuf,
}

/// <summary>Checks <see cref="TelemetryOptions"/>.</summary>
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var section = $"{TelemetryOptions.Section}:{nameof(TelemetryOptions.Otlp)}";
        List<string> failures = [];
        if (options.Otlp.Endpoint.Length > 0 && options.Otlp.FindUrl() is null)
        {
            failures.Add($"{section}:Endpoint = {options.Otlp.Endpoint}: must be empty or an address as http://collector:4317, "
                + "with http or https and without a user, a query or a fragment");
        }

        failures.AddRange(options.Otlp.Headers.Where(header => !Name().IsMatch(header.Key) || !Value().IsMatch(header.Value))
            .Select(header => $"{section}:Headers:{header.Key}: must be the name of an HTTP header "
                + "with a value of printable ASCII characters, without a comma"));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    [GeneratedRegex(@"^[A-Za-z0-9!#$&'*+.^_`|~-]+\z")]
    private static partial Regex Name();

    // The exporter takes all headers as one text, which it cuts at commas.
    [GeneratedRegex(@"^[\x20-\x2B\x2D-\x7E]*\z")]
    private static partial Regex Value();
}
