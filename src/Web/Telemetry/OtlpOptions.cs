using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// The section <c>NetworkProtocol:Telemetry:Otlp</c>: the receiver of metrics, traces and logs by OpenTelemetry's protocol.
/// </summary>
internal sealed class OtlpOptions
{
    /// <summary>The address of the receiver, as <c>http://collector:4317</c>; empty: nothing is sent.</summary>
    [Shown]
    public string Endpoint { get; set; } = "";

    /// <summary>
    /// The protocol of the receiver: usually port 4317 is <see cref="OtlpProtocol.Grpc"/>, and 4318
    /// <see cref="OtlpProtocol.HttpProtobuf"/>.
    /// </summary>
    public OtlpProtocol Protocol { get; set; }

    /// <summary>Headers to send with each request, by name, for example a key for the receiver. The values are secrets.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The address of the receiver; null if <see cref="Endpoint"/> is empty or not valid.</summary>
    public Uri? FindUrl() => Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && IsReceiver(url) ? url : null;

    private static bool IsReceiver(Uri url) => url.Scheme is "http" or "https" && url.Host.Length > 0
        && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
}
