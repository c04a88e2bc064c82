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
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Limits;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Server.Transport;
using NetworkProtocol.Server.Wire;

namespace NetworkProtocol.Server;

/// <summary>
/// Runs the protocol's endpoints on a Kestrel of their own: the program's HTTP endpoints are untouched, and answer
/// probes while this one drains.
/// </summary>
internal sealed class ProtocolServer(
    IServiceProvider services,
    IOptions<ServerOptions> options,
    ConnectionGate gate,
    ConnectionRegistry registry,
    CertificateStore certificates,
    CommandTable commands,
    ServerState state,
    ServerMetrics metrics,
    TimeProvider time,
    ILoggerFactory loggers) : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>A connection that was still being accepted when the drain began is told at the next of these.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger = loggers.CreateLogger<ProtocolServer>();
    private KestrelServer? _kestrel;

    private ServerOptions Options => options.Value;

    private TlsMode Mode => Options.Tls.Mode ?? TlsMode.Required;

    /// <summary>
    /// Comes after every service has started, HTTP among them: from the first connection on, whoever asks whether the server is ready
    /// has an answer. A proxy would take its silence for a failure, and cut what it has just let in.
    /// </summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        commands.Freeze();
        metrics.Commands(commands.All);
        if (Mode != TlsMode.Disabled && certificates.Certificate is null)
        {
            await certificates.LoadAsync(cancellationToken);
        }

        var memory = services.GetService<InMemoryTransport>();
        var kestrelOptions = new KestrelServerOptions { ApplicationServices = services };
        Listen(kestrelOptions, memory);
        _kestrel = new KestrelServer(
            Microsoft.Extensions.Options.Options.Create(kestrelOptions), Transport(memory), loggers);
        await _kestrel.StartAsync(new NoHttp(), cancellationToken);
        if (memory is null)
        {
            state.EndPoint = BoundEndPoint() ?? IPEndPoint.Parse(Options.Listen);
        }

        metrics.Limit(Options.MaxConnections);
        CheckMemory();
        state.Phase = ServerPhase.Serving;
        Log.ServerStarted(_logger, (EndPoint?)state.EndPoint ?? InMemoryEndPoint.Instance, Mode);
    }

    private void CheckMemory()
    {
        var need = MemoryNeed.Of(Options);
        if (CgroupMemory.ReadLimit() is { } limit && limit < need)
        {
            Log.MemoryTooSmall(_logger, limit >> 20, need >> 20, Options.MaxConnections, Options.MaxBufferedBytes >> 20);
        }
    }

    private GuardedListenerFactory Transport(InMemoryTransport? memory) => new(
        ProtocolTransport.Create(loggers, memory, Options.HeartbeatInterval), services.GetRequiredService<DescriptorGuard>(), () => Options.SpareDescriptors);

    private void Listen(KestrelServerOptions kestrel, InMemoryTransport? memory)
    {
        if (memory is not null)
        {
            kestrel.Listen(InMemoryEndPoint.Instance, MapLocal);
            return;
        }

        // What systemd holds takes the place of the setting: it stays open over a restart, so that nobody is refused.
        var inherited = SystemdSockets.Find();
        foreach (var socket in inherited)
        {
            kestrel.ListenHandle((ulong)socket.Descriptor, socket.LocalPath is null ? MapTcp : MapLocal);
        }

        if (inherited.All(socket => socket.LocalPath is not null))
        {
            kestrel.Listen(IPEndPoint.Parse(Options.Listen), MapTcp);
        }

        state.LocalSockets = [.. inherited.Select(socket => socket.LocalPath).OfType<string>()];
        if (state.LocalSockets.Count == 0 && Options.LocalSocket.Length > 0)
        {
            kestrel.ListenUnixSocket(Options.LocalSocket, MapLocal);
            state.LocalSockets = [Options.LocalSocket];
        }
    }

    /// <summary>Comes before any service stops, so that HTTP still answers probes.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_kestrel is null || state.Phase == ServerPhase.Starting)
        {
            return; // nobody is connected
        }

        state.Phase = ServerPhase.Stopping;
        metrics.Draining(time.GetUtcNow());
        if (state.Accepts) // after an operator's drain the load balancer has noticed
        {
            await Task.Delay(Options.DrainDelay ?? TimeSpan.Zero, time, cancellationToken);
        }

        Log.DrainStarted(_logger, registry.Count, Options.ShutdownTimeout);
        using var deadline = new CancellationTokenSource(Options.ShutdownTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var abort = either.Token.Register(AbortAll);
        var stopped = _kestrel.StopAsync(either.Token);
        while (!stopped.IsCompleted)
        {
            TellAll();
            await Task.WhenAny(stopped, Task.Delay(TellInterval, time, CancellationToken.None));
        }

        await stopped;
        Log.ServerStopped(_logger);
    }

    private void AbortAll()
    {
        foreach (var connection in registry.Open)
        {
            connection.Abort(CloseReason.Draining);
        }
    }

    private void TellAll()
    {
        foreach (var connection in registry.Open)
        {
            connection.Disconnect(CloseReason.Draining);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _kestrel?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void MapTcp(ListenOptions listen)
    {
        ConnectionDelegate plain = services.GetRequiredService<ProtocolConnectionHandler>().OnConnectedAsync;
        listen.Use(tls => context => gate.RunTcpAsync(context, Mode, tls, plain));
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

    // A fault here is the server's; of what comes later in a handshake the client is the cause.
    private SslServerAuthenticationOptions HandshakeOptions(Connection connection)
    {
        try
        {
            return certificates.CreateHandshakeOptions(connection);
        }
        catch (Exception e)
        {
            connection.EndWith(CloseReason.ServerError);
            services.GetRequiredService<ErrorLog>().Add(ErrorKinds.Server, connection, CloseReason.ServerError.ToText());
            Log.ConnectionFailed(_logger, e, connection.Id, connection.RemoteEndPoint);
            throw;
        }
    }

    private void MapLocal(ListenOptions listen)
    {
        listen.Use(next => context => gate.RunLocalAsync(context, next));
        listen.UseConnectionHandler<ProtocolConnectionHandler>();
    }

    // Kestrel's word and not the setting's, which knows neither the port in place of 0 nor the socket that systemd holds.
    private IPEndPoint? BoundEndPoint() => _kestrel!.Features.Get<IServerAddressesFeature>()!.Addresses.Select(EndPointOf).FirstOrDefault(endPoint => endPoint is not null);

    private static IPEndPoint? EndPointOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host, out var ip) ? new IPEndPoint(ip, uri.Port) : null;

    /// <summary>Kestrel asks for an HTTP application; no endpoint here leads to it.</summary>
    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => throw new NotSupportedException();

        public Task ProcessRequestAsync(object context) => throw new NotSupportedException();

        public void DisposeContext(object context, Exception? exception)
        {
        }
    }
}
