using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client.Diagnostics;

namespace NetworkProtocol.Client;

/// <summary>Adds clients to a program's services.</summary>
public static class NetworkProtocolClientExtensions
{
    /// <summary>Adds the one client of a program: the service <see cref="ProtocolClient"/>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Sets the options; they are checked before the program starts.</param>
    public static IServiceCollection AddNetworkProtocolClient(this IServiceCollection services, Action<ProtocolClientOptions> configure)
    {
        services.AddNetworkProtocolClient(Options.DefaultName, configure);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<ProtocolClient>(Options.DefaultName));
        return services;
    }

    /// <summary>Adds one of several clients: the keyed service <see cref="ProtocolClient"/> with the name as its key.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">The client's name, also in its logs and metrics.</param>
    /// <param name="configure">Sets the options; they are checked before the program starts.</param>
    public static IServiceCollection AddNetworkProtocolClient(
        this IServiceCollection services, string name, Action<ProtocolClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<ProtocolClientOptions>(name)
            .Configure(options => options.Name = name.Length > 0 ? name : options.Name)
            .Configure(configure)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProtocolClientOptions>, ProtocolClientOptionsValidator>());
        services.TryAddKeyedSingleton(name, (provider, _) => new ProtocolClient(
            provider.GetRequiredService<IOptionsMonitor<ProtocolClientOptions>>().Get(name),
            provider.GetService<ILogger<ProtocolClient>>()));
        return services;
    }

    /// <summary>Adds a health check: healthy while the client is connected, or has not been used yet, and its breakers are closed.</summary>
    /// <param name="checks">The program's checks.</param>
    /// <param name="name">The client's name; empty for the one without a name.</param>
    public static IHealthChecksBuilder AddNetworkProtocolClient(this IHealthChecksBuilder checks, string name = "")
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new HealthCheckRegistration(
            name.Length > 0 ? $"client {name}" : "client",
            services => new ClientHealthCheck(services.GetRequiredKeyedService<ProtocolClient>(name)), failureStatus: null, tags: null));
    }
}
