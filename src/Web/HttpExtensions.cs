using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Health;
using NetworkProtocol.Web.Telemetry;

namespace NetworkProtocol.Web;

/// <summary>Registers the services of the HTTP port: settings, certificate, probes and metrics.</summary>
internal static class HttpExtensions
{
    /// <summary>The name of the HTTP port's certificate store.</summary>
    public const string CertificateName = "http";

    /// <summary>The host's shutdown timeout exceeds the longest drain by this time, so that the host never cuts a drain short.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    public static void AddHttpEndpoint(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection<HttpOptions>(HttpOptions.Section);
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.AddPrometheus();
        services.AddProbes();
        services.AddReloadedCertificate(CertificateName, HttpOptions.Section, provider =>
        {
            var tls = provider.GetRequiredService<IOptions<HttpOptions>>().Value.Tls;
            return new TlsOptions { CertificatePath = tls.CertificatePath, KeyPath = tls.KeyPath };
        });

        // Read from the configuration and not from the validated options, because the host needs its timeout before the validation.
        var server = configuration.Read<ServerOptions>(ServerOptions.Section);
        var drainDelay = server.DrainDelay ?? ServerOptions.DrainDelayBehindProxies;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = drainDelay + server.ShutdownTimeout + StopMargin);
    }

    public static void MapProbesAndMetrics(this WebApplication app)
    {
        app.MapProbes();
        app.MapMetricsEndpoint();
    }
}
