using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Push;
using NetworkProtocol.Server.Replay;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Server.Wire;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Server;

/// <summary>Adds the protocol to a program.</summary>
public static class NetworkProtocolServerExtensions
{
    /// <summary>Adds the server with settings from <c>NetworkProtocol:Server</c> of the program's configuration.</summary>
    public static IServiceCollection AddNetworkProtocolServer(
        this IServiceCollection services, Action<ServerOptions>? configure = null)
    {
        services.AddSection<ServerOptions>(ServerOptions.Section);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddSingleton<IPostConfigureOptions<ServerOptions>, TlsDefaults>();
        services.PostConfigure<ServerOptions>(options =>
            options.DrainDelay ??= options.TrustedProxies.Count > 0 ? ServerOptions.DrainDelayBehindProxies : TimeSpan.Zero);
        services.AddSingleton<IValidateOptions<ServerOptions>, ServerOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<IReplayCache, ReplayCache>();
        services.TryAddSingleton<OpenHandshakes>();
        services.TryAddSingleton<BufferBudget>();
        services.TryAddSingleton<MemoryReturn>();
        services.TryAddSingleton<DescriptorGuard>();
        services.TryAddSingleton(provider => new CommandTable(provider));
        services.TryAddSingleton<IPayloadSerializer, JsonPayloadSerializer>();
        services.TryAddSingleton<ConnectionRegistry>();
        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<ErrorLog>();
        services.TryAddSingleton<BanList>();
        services.TryAddSingleton<ConnectionControl>();
        services.TryAddSingleton<Drain>();
        services.TryAddSingleton<ServerState>();
        services.AddReloadedCertificate(
            CertificateStore.ServerName,
            ServerOptions.Section,
            provider => provider.GetRequiredService<IOptions<ServerOptions>>().Value.Tls);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<CertificateStore>(CertificateStore.ServerName));
        services.TryAddSingleton(provider => new CertificateStores(
            provider, provider.GetRequiredService<ILogger<CertificateStores>>()));
        services.AddHostedService(provider =>
            new CertificateReloader(provider.GetRequiredService<CertificateStores>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ProtocolListener>();
        services.TryAddSingleton<ConnectionGate>();
        services.TryAddSingleton<ClientCertificateGate>();
        services.TryAddSingleton<Groups>();
        services.TryAddSingleton<IClients, Clients>();
        services.TryAddSingleton<Dispatcher>();
        services.TryAddSingleton<SecureHandshake>();
        services.TryAddSingleton<ProtocolConnectionHandler>();
        services.AddHostedService<ConnectionSweeper>();
        services.AddHostedService<ProtocolServer>();
        return services;
    }

    /// <summary>
    /// Adds a keyed <see cref="CertificateStore"/> to the <see cref="CertificateStores"/>: once it is loaded,
    /// its files are checked every 5 s and on SIGHUP.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">The store's key, and its label in metrics.</param>
    /// <param name="section">The section of the store's settings, for messages.</param>
    /// <param name="options">Returns the paths of the files.</param>
    internal static IServiceCollection AddReloadedCertificate(
        this IServiceCollection services, string name, string section, Func<IServiceProvider, TlsOptions> options)
    {
        if (services.Any(service => service.ServiceType == typeof(CertificateStore) && name.Equals(service.ServiceKey)))
        {
            return services;
        }

        services.AddKeyedSingleton(name, (provider, _) => new CertificateStore(
            name,
            section,
            options(provider),
            provider.GetRequiredService<ServerMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CertificateStore>>()));
        return services;
    }

    /// <summary>
    /// Has the program's own Kestrel also refuse connections that would take one of the last descriptors of the process's limit. Without a
    /// free descriptor the runtime ends the process when it has to start a thread. Call this after the web host is configured.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="spare">
    /// How many descriptors stay free. Fewer than <see cref="ServerOptions.SpareDescriptors"/>, so that HTTP still answers when the
    /// protocol has no descriptor left.
    /// </param>
    public static IServiceCollection GuardDescriptors(this IServiceCollection services, int spare)
    {
        var transports = services.Where(service =>
            service.ServiceType == typeof(IConnectionListenerFactory) && service.ImplementationType is not null);
        foreach (var transport in transports.ToList())
        {
            services.Remove(transport);
            services.AddSingleton<IConnectionListenerFactory>(provider => new GuardedListenerFactory(
                (IConnectionListenerFactory)ActivatorUtilities.CreateInstance(provider, transport.ImplementationType!),
                provider.GetRequiredService<DescriptorGuard>(),
                () => spare));
        }

        return services;
    }

    /// <summary>
    /// Lets the server listen in memory and not on a socket, for tests. A client connects with the service <see cref="InMemoryTransport"/>.
    /// </summary>
    public static IServiceCollection AddInMemoryTransport(this IServiceCollection services)
    {
        services.PostConfigure<ServerOptions>(options => options.Tls.Mode = TlsMode.Disabled);
        services.TryAddSingleton<InMemoryTransport>();
        return services;
    }

    /// <summary>
    /// Changes the JSON of handlers that take or return types of their own, for example to use a source-generated context.
    /// </summary>
    public static IServiceCollection ConfigureCommandJson(this IServiceCollection services, Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.Configure<CommandJsonOptions>(options => configure(options.Serializer));
    }
}
