using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Commands;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Hub;

/// <summary>Adds a hub to a program.</summary>
public static class NetworkProtocolHubExtensions
{
    private const string DefaultFile = "hub.db";
    private const string HealthCheck = "hub";
    private const string ForwardHealthCheck = "hub forward";
    private const string ReadyTag = "ready";

    /// <summary>
    /// Adds the hub with settings from <c>NetworkProtocol:Hub</c> of the program's configuration. While <see cref="HubOptions.Store"/> is
    /// None, nothing is stored, and <see cref="IHubReader"/> throws <see cref="HubStoreException"/>.
    /// </summary>
    public static IServiceCollection AddHub(this IServiceCollection services, Action<HubOptions>? configure = null)
    {
        services.AddSection<HubOptions>(HubOptions.Section);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddOptions<HubOptions>().PostConfigure<IServiceProvider>((hub, provider) =>
            hub.Forward.Root = provider.GetService<IHostEnvironment>()?.ContentRootPath ?? "");
        services.AddSingleton<IValidateOptions<HubOptions>, HubOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<HubMetrics>();
        services.TryAddSingleton(CreateStore);
        services.TryAddSingleton<IHubReader>(provider => provider.GetRequiredService<IHubStore>());
        services.TryAddSingleton<SourceNames>();
        services.TryAddSingleton<Credits>();
        services.TryAddSingleton<HubCommands>();
        services.TryAddSingleton<HubCheck>();
        services.AddHostedService<HubOpening>();
        services.AddHostedService<HubRetention>();
        services.AddOptions<BreakerOptions>();
        services.TryAddSingleton<HubForwarder>();
        services.AddHostedService(provider => provider.GetRequiredService<HubForwarder>());
        services.AddHealthChecks();
        services.AddOptions<HealthCheckServiceOptions>().Configure<IOptions<HubOptions>>((checks, hub) =>
        {
            if (hub.Value.Store != HubStoreKind.None)
            {
                checks.Registrations.Add(new HealthCheckRegistration(
                    HealthCheck, ActivatorUtilities.GetServiceOrCreateInstance<HubCheck>, HealthStatus.Unhealthy, [ReadyTag]));
            }

            if (hub.Value.Forward.IsOn)
            {
                checks.Registrations.Add(new HealthCheckRegistration(
                    ForwardHealthCheck, ActivatorUtilities.GetServiceOrCreateInstance<ForwardCheck>, HealthStatus.Degraded, []));
            }
        });
        return services;
    }

    /// <summary>Answers the commands of edges, if the settings make the node a hub.</summary>
    public static void MapHub(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Services.GetRequiredService<IOptions<HubOptions>>().Value.Store == HubStoreKind.None)
        {
            return;
        }

        const string Prefix = "EDGE.";
        var commands = host.Services.GetRequiredService<HubCommands>();
        var edge = host.MapCommandGroup(Prefix);
        edge.MapCommand(Hello.Command[Prefix.Length..], commands.GreetAsync).WithMaxPayload(Hello.MaxEncodedBytes);
        edge.MapCommand(Batch.Command[Prefix.Length..], commands.AppendAsync).WithMaxPayload(Batch.MaxEncodedBytes);
    }

    private static IHubStore CreateStore(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<HubOptions>>().Value;
        if (options.Store == HubStoreKind.None)
        {
            return new NoHubStore();
        }

        var (metrics, time) = (provider.GetRequiredService<HubMetrics>(), provider.GetRequiredService<TimeProvider>());
        if (options.Store == HubStoreKind.PostgreSql)
        {
            return new PostgresHubStore(options, metrics, time);
        }

        var path = Path.GetFullPath(
            options.Path.Length > 0 ? options.Path : DefaultFile, provider.GetRequiredService<IHostEnvironment>().ContentRootPath);
        return new SqliteHubStore(path, options, metrics, time);
    }
}
