using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Intake;
using NetworkProtocol.Edge.Intake.Mqtt;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Edge;

/// <summary>Adds an edge to a program that has the protocol's server.</summary>
public static class EdgeExtensions
{
    private const string Endpoint = "sensors";

    /// <summary>
    /// Adds the edge with settings from <c>NetworkProtocol:Edge</c>. It is on when <see cref="EdgeOptions.HubAddress"/> is set. Call
    /// <c>AddNetworkProtocolServer</c> as well, and <see cref="MapEdge"/> before the program runs.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Changes the settings; null: not at all.</param>
    public static IServiceCollection AddEdge(this IServiceCollection services, Action<EdgeOptions>? configure = null)
    {
        services.AddSection<EdgeOptions>(EdgeOptions.Section);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EdgeOptions>, EdgeOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<EdgeMetrics>();
        services.TryAddSingleton(provider => new MessageForwarder(
            provider.GetRequiredService<IOptions<EdgeOptions>>().Value,
            provider.GetRequiredService<EdgeUplink>(),
            provider.GetRequiredService<EdgeMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton(provider => provider.GetRequiredService<MessageForwarder>().Buffer);
        services.TryAddSingleton(provider => provider.GetRequiredService<MessageForwarder>().State);
        services.TryAddSingleton(provider => provider.GetRequiredService<MessageForwarder>().Switch);
        services.TryAddSingleton(provider => new EdgeControl(provider, provider.GetRequiredService<IOptions<EdgeOptions>>()));
        services.TryAddSingleton<EdgeUplink>();
        services.TryAddSingleton<PublishCommand>();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<EdgeOptions>>().Value;
            return new LocalEndpoint(Endpoint, $"{EdgeOptions.Section}:{nameof(EdgeOptions.LocalSocket)}", options.LocalSocket)
            {
                IsOn = options.IsOn,
            };
        });
        services.AddHostedService<EdgeService>();
        services.TryAddSingleton<MqttClients>();
        services.TryAddSingleton<MqttMessages>();
        services.TryAddSingleton<MqttServices>();
        services.TryAddSingleton<MqttListener>();
        services.AddHostedService(provider => provider.GetRequiredService<MqttListener>());
        return services;
    }

    /// <summary>Maps the sensors' command, <c>PUBLISH</c>, if the edge is on.</summary>
    /// <param name="host">The program.</param>
    public static void MapEdge(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Services.GetRequiredService<IOptions<EdgeOptions>>().Value.IsOn)
        {
            var publish = host.Services.GetRequiredService<PublishCommand>();
            host.MapBatchCommand(Publication.Command, publish.HandleAsync)
                .OnEndpoint(Endpoint)
                .WithMaxPayload(Publication.MaxEncodedBytes);
        }
    }
}
