using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server.Transport;

/// <summary>The protocol's own Kestrel: its endpoints, and the middleware that each connection passes.</summary>
internal sealed class ProtocolListener(
    IServiceProvider services,
    IOptions<ServerOptions> options,
    ConnectionGate gate,
    CertificateStore certificates,
    ErrorLog errors,
    ServerState state,
    ILoggerFactory loggers) : IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger<ProtocolServer>();
    private readonly LocalEndpoint[] _endpoints = [.. services.GetServices<LocalEndpoint>()];
    private KestrelServer? _kestrel;

    private ServerOptions Options => options.Value;

    private TlsMode Mode => Options.Tls.Mode ?? TlsMode.Required;

    /// <summary>Opens the endpoints and notes in <see cref="ServerState"/> where they are; returns the first of them.</summary>
    public async Task<EndPoint> StartAsync(CancellationToken cancellationToken)
    {
        if (Mode != TlsMode.Disabled && certificates.Certificate is null)
        {
            await certificates.LoadAsync(cancellationToken);
        }

        var memory = services.GetService<InMemoryTransport>();
        var kestrelOptions = new KestrelServerOptions { ApplicationServices = services };
        Listen(kestrelOptions, memory);
        _kestrel = new KestrelServer(Microsoft.Extensions.Options.Options.Create(kestrelOptions), CreateTransport(memory), loggers);
        await _kestrel.StartAsync(new NoHttp(), cancellationToken);
        if (memory is not null)
        {
            return InMemoryEndPoint.Instance;
        }

        return state.EndPoint = BoundEndPoint(_kestrel) ?? IPEndPoint.Parse(Options.Listen);
    }

    /// <summary>Accepts no more connections, and waits until all connections have ended.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _kestrel?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => _kestrel?.Dispose();

    private GuardedListenerFactory CreateTransport(InMemoryTransport? memory) => new(
        ProtocolTransport.Create(loggers, memory, Options.HeartbeatInterval, SettingOf),
        services.GetRequiredService<DescriptorGuard>(),
        () => Options.SpareDescriptors);

    private void Listen(KestrelServerOptions kestrel, InMemoryTransport? memory)
    {
        if (memory is not null)
        {
            kestrel.Listen(InMemoryEndPoint.Instance, listen => MapLocal(listen, endpoint: null));
            return;
        }

        // A socket of systemd takes the place of the setting: systemd holds it open during a restart, so that no client is refused.
        var inherited = SystemdSockets.Find();
        foreach (var socket in inherited)
        {
            kestrel.ListenHandle((ulong)socket.Descriptor, socket.LocalPath is { } path ? MapperOf(path) : MapTcp);
        }

        if (inherited.All(socket => socket.LocalPath is not null))
        {
            kestrel.Listen(IPEndPoint.Parse(Options.Listen), MapTcp);
        }

        var held = inherited.Select(socket => socket.LocalPath).OfType<string>().ToArray();
        var own = held.Any(path => EndpointOf(path) is null) || Options.LocalSocket.Length == 0 ? [] : new[] { Options.LocalSocket };
        string[] opened = [.. own, .. _endpoints.Where(endpoint => endpoint.IsOn).Select(endpoint => endpoint.Path).Except(held)];
        foreach (var path in opened)
        {
            kestrel.ListenUnixSocket(path, MapperOf(path));
        }

        state.LocalSockets = [.. held, .. opened];
    }

    private LocalEndpoint? EndpointOf(string path) => Array.Find(_endpoints, endpoint => endpoint.Path == path);

    private string SettingOf(string path) => EndpointOf(path)?.Setting ?? $"{ServerOptions.Section}:{nameof(ServerOptions.LocalSocket)}";

    private Action<ListenOptions> MapperOf(string path) => listen => MapLocal(listen, EndpointOf(path)?.Name);

    private void MapTcp(ListenOptions listen)
    {
        ConnectionDelegate secure = services.GetRequiredService<ProtocolConnectionHandler>().OnConnectedAsync;
        listen.Use(tls =>
        {
            var transports = new TransportChoice(Mode, tls, secure);
            return context => gate.RunTcpAsync(context, transports);
        });
        if (Mode != TlsMode.Disabled)
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = Options.HandshakeTimeout,
                OnConnection = tls => new(HandshakeOptions(tls.Connection.Features.Get<Connection>()!)),
            });
            var clients = services.GetRequiredService<ClientCertificateGate>();
            listen.Use(next => context => clients.RunAsync(context, next));
        }

        listen.UseConnectionHandler<ProtocolConnectionHandler>();
    }

    private void MapLocal(ListenOptions listen, string? endpoint)
    {
        listen.Use(next => context => gate.RunLocalAsync(context, endpoint, next));
        listen.UseConnectionHandler<ProtocolConnectionHandler>();
    }

    // An exception here is the server's fault; a handshake that fails later has failed because of its client.
    private SslServerAuthenticationOptions HandshakeOptions(Connection connection)
    {
        try
        {
            return certificates.CreateHandshakeOptions(connection);
        }
        catch (Exception e)
        {
            connection.EndWith(CloseReason.ServerError);
            errors.Add(ErrorKinds.Server, connection, CloseReason.ServerError.ToText());
            Log.ConnectionFailed(_logger, e, connection.Id, connection.RemoteEndPoint);
            throw;
        }
    }

    // Kestrel knows the port that the system chose for port 0, and the address of a socket that systemd holds; the setting knows neither.
    private static IPEndPoint? BoundEndPoint(KestrelServer kestrel) =>
        kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.Select(EndPointOf).FirstOrDefault(endPoint => endPoint is not null);

    private static IPEndPoint? EndPointOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host, out var ip)
            ? new IPEndPoint(ip, uri.Port)
            : null;

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
