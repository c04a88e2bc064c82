using NetworkProtocol.Client;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Admin;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web;

/// <summary>The section <c>NetworkProtocol</c>: every setting of the program.</summary>
internal sealed class ProgramOptions
{
    public const string Section = "NetworkProtocol";

    public ServerOptions Server { get; } = new();

    public ClusterOptions Cluster { get; } = new();

    public HttpOptions Http { get; } = new();

    public AdminOptions Admin { get; } = new();

    public Dictionary<string, UpstreamOptions> Upstreams { get; } = new(StringComparer.OrdinalIgnoreCase);

    public BreakerOptions Breakers { get; } = new();

    public TelemetryOptions Telemetry { get; } = new();

    public LogOptions Log { get; } = new();
}
