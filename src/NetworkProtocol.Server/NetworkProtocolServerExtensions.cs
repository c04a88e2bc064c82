using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Server.Push;
using NetworkProtocol.Server.Settings;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server;

/// <summary>Adds the protocol to a program, and commands to the protocol.</summary>
public static class NetworkProtocolServerExtensions
{
    /// <summary>Adds the server with settings from <c>NetworkProtocol:Server</c> of the program's configuration.</summary>
    public static IServiceCollection AddNetworkProtocolServer(
        this IServiceCollection services, Action<ServerOptions>? configure = null)
    {
        services.AddOptions<ServerOptions>().BindConfiguration(ServerOptionsValidator.Section).ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddSingleton<IPostConfigureOptions<ServerOptions>, TlsDefaults>();
        services.PostConfigure<ServerOptions>(options =>
            options.DrainDelay ??= options.TrustedProxies.Count > 0 ? ServerOptions.DrainDelayBehindProxies : TimeSpan.Zero);
        services.AddSingleton<IValidateOptions<ServerOptions>, SettingsShapeValidator>();
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
            "server", ServerOptionsValidator.Section, provider => provider.GetRequiredService<IOptions<ServerOptions>>().Value.Tls);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<CertificateStore>("server"));
        services.TryAddSingleton(provider => new CertificateReloader(provider, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider => provider.GetRequiredService<CertificateReloader>());
        services.TryAddSingleton<ConnectionGate>();
        services.TryAddSingleton<ClientCertificateGate>();
        services.TryAddSingleton<Groups>();
        services.TryAddSingleton<IClients, Clients>();
        services.TryAddSingleton<Dispatcher>();
        services.TryAddSingleton<ProtocolConnectionHandler>();
        services.AddHostedService<ConnectionSweeper>();
        services.AddHostedService<ProtocolServer>();
        return services;
    }

    /// <summary>
    /// Adds a keyed <see cref="CertificateStore"/> whose files are looked at every 5 s and on SIGHUP once it is loaded. All of them are
    /// <c>GetKeyedServices&lt;CertificateStore&gt;(KeyedService.AnyKey)</c>.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">Its key, and its label in metrics.</param>
    /// <param name="section">The section of its settings, for messages.</param>
    /// <param name="options">Gives its files.</param>
    public static IServiceCollection AddReloadedCertificate(
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
            provider.GetRequiredService<Microsoft.Extensions.Logging.ILogger<CertificateStore>>()));
        return services;
    }

    /// <summary>
    /// Has the program's own Kestrel, too, refuse connections that would take the last descriptors of the process's limit. Without one
    /// free the runtime ends the process when it wants to start a thread. Call it after the web host is configured.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="spare">Descriptors that are left free: less than <see cref="ServerOptions.SpareDescriptors"/>, so that HTTP answers when the protocol is full.</param>
    public static IServiceCollection GuardDescriptors(this IServiceCollection services, int spare)
    {
        foreach (var transport in services.Where(service => service.ServiceType == typeof(IConnectionListenerFactory) && service.ImplementationType is not null).ToList())
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
    /// Lets the server listen in memory and on no socket, for tests: a client connects over the service <see cref="InMemoryTransport"/>.
    /// </summary>
    public static IServiceCollection AddInMemoryTransport(this IServiceCollection services)
    {
        services.PostConfigure<ServerOptions>(options => options.Tls.Mode = TlsMode.Disabled);
        services.TryAddSingleton<InMemoryTransport>();
        return services;
    }

    /// <summary>Changes how payloads are read and written that are types of a handler's own, for example with a source-generated context.</summary>
    public static IServiceCollection ConfigureCommandJson(this IServiceCollection services, Action<JsonSerializerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.Configure<CommandJsonOptions>(options => configure(options.Serializer));
    }

    /// <inheritdoc cref="CommandGroup.MapCommand(string, CommandHandler)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, CommandHandler handler) => host.MapCommandGroup("").MapCommand(name, handler);

    /// <inheritdoc cref="CommandGroup.MapCommand(string, BorrowingCommandHandler)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, BorrowingCommandHandler handler) =>
        host.MapCommandGroup("").MapCommand(name, handler);

    /// <inheritdoc cref="CommandGroup.MapCommand(string, Delegate)"/>
    public static CommandBuilder MapCommand(this IHost host, string name, Delegate function) => host.MapCommandGroup("").MapCommand(name, function);

    /// <inheritdoc cref="CommandGroup.MapCommand{THandler}(string)"/>
    public static CommandBuilder MapCommand<THandler>(this IHost host, string name)
        where THandler : class, ICommandHandler => host.MapCommandGroup("").MapCommand<THandler>(name);

    /// <summary>A group: the commands that are mapped through it begin with its prefix and share its conventions.</summary>
    /// <param name="host">The program.</param>
    /// <param name="prefix">For example <c>EDGE.</c>; may be empty.</param>
    public static CommandGroup MapCommandGroup(this IHost host, string prefix)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new CommandGroup(host.Services.GetRequiredService<CommandTable>(), prefix);
    }
}

/// <summary>Fills in what depends on the environment: TLS mode and certificate.</summary>
internal sealed class TlsDefaults(IHostEnvironment environment, TimeProvider time) : IPostConfigureOptions<ServerOptions>
{
    public void PostConfigure(string? name, ServerOptions options)
    {
        var tls = options.Tls;
        tls.Mode ??= environment.IsDevelopment() ? TlsMode.Optional : TlsMode.Required;
        if (environment.IsDevelopment() && tls.Mode != TlsMode.Disabled && tls.CertificatePath.Length == 0 && tls.KeyPath.Length == 0)
        {
            (tls.CertificatePath, tls.KeyPath) = DevelopmentCertificate.Ensure(time);
        }
    }
}
