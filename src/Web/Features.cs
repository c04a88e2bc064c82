using NetworkProtocol.Hub;
using NetworkProtocol.Server;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Edge;
using NetworkProtocol.Web.Systemd;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web;

/// <summary>The list of the program's features: each registers its services and the sections of its settings.</summary>
internal static class Features
{
    public static IServiceCollection AddFeatures(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddNetworkProtocolServer();
        services.AddCluster();
        services.AddHub();
        services.AddHubFile();
        services.AddNextHub();
        services.AddHttpEndpoint(configuration);
        services.AddAdmin(configuration);
        services.AddUpstreams(configuration);
        services.AddEdgeNode();
        services.AddTelemetrySettings();
        services.AddSystemdNotifications();
        services.AddSection<LogOptions>(LogOptions.Section);
        services.AddSection<SerilogOptions>(SerilogOptions.Section);
        return services;
    }
}
