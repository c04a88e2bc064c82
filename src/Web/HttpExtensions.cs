using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Health;
using NetworkProtocol.Web.Telemetry;
using NetworkProtocol.Web.Node;
using Prometheus;

namespace NetworkProtocol.Web;

/// <summary>Probes and metrics.</summary>
internal static class HttpEndpoint
{
    /// <summary>The certificate of this port.</summary>
    public const string CertificateName = "http";

    private const string ReadyTag = "ready";
    private const string InServiceTag = "in-service";

    /// <summary>What the host waits beyond the drain, so that it never cuts one short.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    /// <summary>The checks that <c>/ready</c> goes by: whether a new connection would be served.</summary>
    public static bool DecidesReady(HealthCheckRegistration check) => check.Tags.Contains(ReadyTag);

    /// <summary>
    /// The checks that <c>/in-service</c> goes by: those of <c>/ready</c>, except whether the server is full. A full server serves everyone
    /// that it has, so whoever restarts or removes a server, or cuts its connections, must ask this one.
    /// </summary>
    public static bool DecidesInService(HealthCheckRegistration check) => check.Tags.Contains(InServiceTag);

    public static void AddHttpEndpoint(this IServiceCollection services, IConfiguration configuration)
    {
        // The runtime tells of its own insides, too, where libmsquic is installed: QUIC, which nothing here speaks.
        Metrics.ConfigureMeterAdapter(adapter => adapter.InstrumentFilterPredicate = instrument =>
            !instrument.Meter.Name.StartsWith("Private.InternalDiagnostics.", StringComparison.Ordinal) && !PrometheusExposition.Shows(instrument));
        services.AddSingleton(Metrics.DefaultRegistry);
        services.AddHostedService<PrometheusExposition>();
        services.AddSection<HttpOptions>(HttpOptions.Section);
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddHealthChecks()
            .AddCheck<ServingCheck>("protocol", tags: [ReadyTag, InServiceTag])
            .AddCheck<CapacityCheck>("capacity", tags: [ReadyTag]);
        services.AddReloadedCertificate(CertificateName, HttpOptions.Section, provider =>
        {
            var tls = provider.GetRequiredService<IOptions<HttpOptions>>().Value.Tls;
            return new TlsOptions { CertificatePath = tls.CertificatePath, KeyPath = tls.KeyPath };
        });

        // Read here and not from the validated options: the host asks for it before they are checked.
        var server = configuration.Read<ServerOptions>(ServerOptions.Section);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = (server.DrainDelay ?? ServerOptions.DrainDelayBehindProxies) + server.ShutdownTimeout + StopMargin);
    }

    public static void UseKestrelForHttp(this IWebHostBuilder host) => host.ConfigureKestrel((context, kestrel) =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.LimitBodies();
        var options = context.Configuration.Read<HttpOptions>(HttpOptions.Section);
        var connections = new HttpConnections(Descriptors.HttpConnections(options.MaxConnections));
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.RunAsync(connection, next)));
        if (IPEndPoint.TryParse(options.Listen, out var endPoint)) // the validator tells of one that is none
        {
            kestrel.Listen(endPoint, listen =>
            {
                if (options.Tls.CertificatePath.Length > 0)
                {
                    // Asked for by each handshake: here the settings are not checked yet.
                    CertificateStore Certificate() => kestrel.ApplicationServices.GetRequiredKeyedService<CertificateStore>(CertificateName);
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(HandshakeOptions(Certificate())) });
                }
            });
        }

        kestrel.ListenForChallenges(options);
    }).ConfigureServices((context, services) => services.Configure<SocketTransportOptions>(transport =>
    {
        var options = context.Configuration.Read<HttpOptions>(HttpOptions.Section);
        transport.CreateBoundListenSocket = endPoint => ListenSocket.Bind(endPoint, $"{HttpOptions.Section}:{KeyOf(endPoint, options)}");
    })).PreferHostingUrls(false); // the host's own urls would take the place of Http:Listen

    private static string KeyOf(EndPoint endPoint, HttpOptions options) => IPEndPoint.TryParse(options.ChallengeListen, out var challenges) && challenges.Equals(endPoint)
        ? nameof(HttpOptions.ChallengeListen)
        : nameof(HttpOptions.Listen);

    private static SslServerAuthenticationOptions HandshakeOptions(CertificateStore certificate)
    {
        var options = certificate.CreateHandshakeOptions();
        options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        return options;
    }

    public static void MapProbesAndMetrics(this WebApplication app)
    {
        Metrics.CreateGauge("build_info", "The version that runs.", "version")
            .WithLabels(ProgramVersion.Text).Set(1);
        app.MapHealthChecks("/health", Answer(_ => false, "OK", "NOT_OK")).AllowAnonymous();
        app.MapHealthChecks("/ready", Answer(DecidesReady, "READY", "NOT_READY")).AllowAnonymous();
        app.MapHealthChecks("/in-service", Answer(DecidesInService, "IN_SERVICE", "OUT_OF_SERVICE")).AllowAnonymous();
        var networks = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.MetricsNetworks
            .Select(cidr => IPNetwork.Parse(cidr)).ToArray();
        app.MapMetrics("/metrics").AllowAnonymous().AddEndpointFilterFor(networks);
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
