using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>The section <c>NetworkProtocol:Telemetry</c>: the receiver of metrics, traces and logs.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "NetworkProtocol:Telemetry";

    public OtlpOptions Otlp { get; } = new();
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
            // A user or a query may be a secret.
            var shown = options.Otlp.Endpoint.AsSpan().ContainsAny('@', '?', '#') ? SettingType.Hidden : options.Otlp.Endpoint;
            failures.Add($"{section}:Endpoint = {shown}: must be empty or an address as http://collector:4317, "
                + "with http or https and without a user, a query or a fragment");
        }

        failures.AddRange(options.Otlp.Headers
            .Where(header => !Name().IsMatch(header.Key) || !Value().IsMatch(header.Value) || IsExporters(header.Key))
            .Select(header => $"{section}:Headers:{header.Key}: must be the name of an HTTP header other than User-Agent, "
                + "with a value of printable ASCII characters, without a comma"));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // The exporter adds this header itself, and does not start when it is there twice.
    private static bool IsExporters(string header) => header.Equals("User-Agent", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[A-Za-z0-9!#$&'*+.^_`|~-]+\z")]
    private static partial Regex Name();

    // The exporter gets all headers as one text, which it splits at commas.
    [GeneratedRegex(@"^[\x20-\x2B\x2D-\x7E]*\z")]
    private static partial Regex Value();
}
