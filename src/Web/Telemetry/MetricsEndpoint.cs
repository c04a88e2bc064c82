using System.Net;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Web.Node;
using Prometheus;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>The endpoint <c>/metrics</c>: the metrics of this process for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public static void AddPrometheus(this IServiceCollection services)
    {
        // Where libmsquic is installed, the runtime also reports internal metrics of QUIC, which this program does not use.
        Metrics.ConfigureMeterAdapter(adapter => adapter.InstrumentFilterPredicate = instrument =>
            !instrument.Meter.Name.StartsWith("Private.InternalDiagnostics.", StringComparison.Ordinal)
            && !PrometheusExposition.Shows(instrument));
        services.AddSingleton(Metrics.DefaultRegistry);
        services.AddHostedService<PrometheusExposition>();
        services.AddSingleton<IHealthCheckPublisher, HealthGauge>();
    }

    public static void MapMetricsEndpoint(this WebApplication app)
    {
        Metrics.CreateGauge("build_info", "The version that runs.", "version").WithLabels(ProgramVersion.Text).Set(1);
        var networks = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.MetricsNetworks
            .Select(cidr => IPNetwork.Parse(cidr)).ToArray();
        app.MapMetrics("/metrics").AllowAnonymous().RequireNetwork(networks);
    }

    private static void RequireNetwork(this IEndpointConventionBuilder metrics, IPNetwork[] networks)
    {
        if (networks.Length == 0)
        {
            return;
        }

        metrics.Add(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                var peer = context.Connection.RemoteIpAddress;
                peer = peer is { IsIPv4MappedToIPv6: true } ? peer.MapToIPv4() : peer;
                if (peer is not null && Array.Exists(networks, network => network.Contains(peer)))
                {
                    return next(context);
                }

                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return Task.CompletedTask;
            };
        });
    }
}
