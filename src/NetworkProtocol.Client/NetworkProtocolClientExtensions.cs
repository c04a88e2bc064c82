using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Client.Diagnostics;
using NetworkProtocol.Client.Validation;

namespace NetworkProtocol.Client;

/// <summary>Adds clients and their health checks to a program's services.</summary>
public static class NetworkProtocolClientExtensions
{
    /// <summary>Adds a client without a name, as the singleton service <see cref="ProtocolClient"/>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Sets the options, which are checked when the program starts.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddNetworkProtocolClient(this IServiceCollection services, Action<ProtocolClientOptions> configure)
    {
        services.AddNetworkProtocolClient(Options.DefaultName, configure);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<ProtocolClient>(Options.DefaultName));
        return services;
    }

    /// <summary>Adds a client with a name, as the keyed singleton service <see cref="ProtocolClient"/> whose key is the name.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">The client's name, which is also its name in logs and metrics.</param>
    /// <param name="configure">Sets the options, which are checked when the program starts.</param>
    /// <returns>The same services.</returns>
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

    /// <summary>
    /// Adds a client's health check. The check is unhealthy if the client has no connection and could make none, was disposed, or all of
    /// its circuit breakers are open. It is degraded if some of its circuit breakers are open. Otherwise it is healthy, also before the
    /// client's first use.
    /// </summary>
    /// <param name="checks">The program's health checks.</param>
    /// <param name="name">The client's name. Default empty: the client without a name.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddNetworkProtocolClient(this IHealthChecksBuilder checks, string name = "")
    {
        ArgumentNullException.ThrowIfNull(checks);
        return checks.Add(new HealthCheckRegistration(
            name.Length > 0 ? $"client {name}" : "client",
            services => new ClientHealthCheck(services.GetRequiredKeyedService<ProtocolClient>(name)), failureStatus: null, tags: null));
    }
}
