using System.Net;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using Prometheus;

namespace NetworkProtocol.Web;

/// <summary>Probes and metrics.</summary>
internal static class HttpEndpoint
{
    private const string ReadyTag = "ready";

    public static void AddHttpEndpoint(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HttpOptions>().Bind(configuration.GetSection(HttpOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddHealthChecks().AddCheck<ReadyCheck>("protocol", tags: [ReadyTag]);
        services.AddOptions<HostOptions>().Configure<IOptions<ServerOptions>>((host, server) =>
            host.ShutdownTimeout = server.Value.DrainDelay + server.Value.ShutdownTimeout + TimeSpan.FromSeconds(10));
    }

    public static void UseKestrelForHttp(this IWebHostBuilder host) => host.ConfigureKestrel((_, kestrel) =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(IPEndPoint.Parse(kestrel.ApplicationServices.GetRequiredService<IOptions<HttpOptions>>().Value.Listen));
    });

    public static void MapProbesAndMetrics(this WebApplication app)
    {
        Metrics.CreateGauge("build_info", "The version that runs.", "version")
            .WithLabels(typeof(HttpEndpoint).Assembly.GetName().Version!.ToString(3)).Set(1);
        app.MapHealthChecks("/health", Answer(_ => false, "OK", "NOT_OK"));
        app.MapHealthChecks("/ready", Answer(check => check.Tags.Contains(ReadyTag), "READY", "NOT_READY"));
        var networks = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.MetricsNetworks
            .Select(cidr => IPNetwork.Parse(cidr)).ToArray();
        app.MapMetrics("/metrics").AddEndpointFilterFor(networks);
    }

    private static void AddEndpointFilterFor(this IEndpointConventionBuilder metrics, IPNetwork[] networks)
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

    private static HealthCheckOptions Answer(Func<HealthCheckRegistration, bool> checks, string good, string bad) => new()
    {
        Predicate = checks,
        ResponseWriter = (context, report) => context.Response.WriteAsync(report.Status == HealthStatus.Healthy ? good : bad),
    };
}
