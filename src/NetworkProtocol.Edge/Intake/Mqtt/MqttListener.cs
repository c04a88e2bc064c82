using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>
/// The listener for MQTT, on a Kestrel of its own. It opens after every service has started, and has ended its connections before the
/// first service stops: the buffer is open all the time.
/// </summary>
internal sealed class MqttListener(
    IServiceProvider services, IOptions<EdgeOptions> options, IOptions<ServerOptions> server, ILoggerFactory loggers)
    : IHostedLifecycleService, IDisposable
{
    /// <summary>How long connections may take to end.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private KestrelServer? _kestrel;

    /// <summary>Where the listener is; null if it is not on.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    private EdgeMqttOptions Options => options.Value.Mqtt;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsOn || !Options.IsOn)
        {
            return;
        }

        var shared = services.GetRequiredService<MqttServices>();
        services.GetRequiredService<EdgeMetrics>().Watch(shared.Clients);
        var kestrel = new KestrelServerOptions { ApplicationServices = services };
        kestrel.Limits.MaxConcurrentConnections = Options.MaxClients;
        kestrel.Listen(IPEndPoint.Parse(Options.Listen), listen => listen.Run(async context =>
        {
            using var connection = new MqttConnection(context, shared);
            await connection.RunAsync();
        }));
        _kestrel = new KestrelServer(Microsoft.Extensions.Options.Options.Create(kestrel), CreateTransport(), loggers);
        await _kestrel.StartAsync(new NoHttp(), cancellationToken);
        var address = new Uri(_kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        EndPoint = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        MqttLog.Started(shared.Logger, EndPoint);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_kestrel is not null)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(StopTimeout);
            await _kestrel.StopAsync(deadline.Token);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _kestrel?.Dispose();

    private GuardedListenerFactory CreateTransport()
    {
        var transport = new SocketTransportOptions
        {
            // A packet has to fit, with the next one's header; a client that sends more waits.
            MaxReadBufferSize = MqttServices.MaxPacketBytes + MqttFrame.MaxHeaderBytes + 1,
            CreateBoundListenSocket = endPoint =>
                ListenSocket.Bind(endPoint, $"{EdgeOptions.Section}:{nameof(EdgeOptions.Mqtt)}:{nameof(EdgeMqttOptions.Listen)}"),
        };
        return new GuardedListenerFactory(
            new SocketTransportFactory(Microsoft.Extensions.Options.Options.Create(transport), loggers),
            services.GetRequiredService<DescriptorGuard>(),
            () => server.Value.SpareDescriptors);
    }

    /// <summary>Kestrel needs an HTTP application; no endpoint here leads to it.</summary>
    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => throw new NotSupportedException();

        public Task ProcessRequestAsync(object context) => throw new NotSupportedException();

        public void DisposeContext(object context, Exception? exception)
        {
        }
    }
}
