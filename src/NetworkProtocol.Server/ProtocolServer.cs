using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server;

/// <summary>
/// Starts and stops the protocol with the program. Its endpoints are on a Kestrel of their own (<see cref="ProtocolListener"/>), so that
/// the program's HTTP endpoints are untouched and answer probes while the protocol drains.
/// </summary>
internal sealed class ProtocolServer(
    ProtocolListener listener,
    IOptions<ServerOptions> options,
    ConnectionRegistry registry,
    CommandTable commands,
    ServerState state,
    ServerMetrics metrics,
    TimeProvider time,
    ILogger<ProtocolServer> logger) : IHostedLifecycleService
{
    /// <summary>
    /// How often a stop disconnects all clients. A connection that was still being accepted is disconnected at the next turn.
    /// </summary>
    private static readonly TimeSpan DisconnectInterval = TimeSpan.FromMilliseconds(100);

    private ServerOptions Options => options.Value;

    /// <summary>
    /// Comes after every service has started, HTTP among them, so that readiness probes get an answer from the first connection on. A proxy
    /// would take a probe without an answer for a failure, and cut the connections that it has just passed on.
    /// </summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        commands.Freeze();
        metrics.Commands(commands.All);
        var endPoint = await listener.StartAsync(cancellationToken);
        metrics.Limit(Options.MaxConnections);
        CheckMemory();
        state.Phase = ServerPhase.Serving;
        Log.ServerStarted(logger, endPoint, Options.Tls.Mode ?? TlsMode.Required);
    }

    /// <summary>Comes before any service stops, so that HTTP still answers probes.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (state.Phase == ServerPhase.Starting)
        {
            return; // no client is connected
        }

        state.Phase = ServerPhase.Stopping;
        metrics.Draining(time.GetUtcNow());
        if (state.Accepts) // after an operator's drain the load balancer knows already that this node is not ready
        {
            await Task.Delay(Options.DrainDelay ?? TimeSpan.Zero, time, cancellationToken);
        }

        Log.DrainStarted(logger, registry.Count, Options.ShutdownTimeout);
        using var deadline = new CancellationTokenSource(Options.ShutdownTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        await using var abort = either.Token.Register(() => Each(connection => connection.Abort(CloseReason.Draining)));
        var stopped = listener.StopAsync(either.Token);
        while (!stopped.IsCompleted)
        {
            Each(connection => connection.Disconnect(CloseReason.Draining));
            await Task.WhenAny(stopped, Task.Delay(DisconnectInterval, time, CancellationToken.None));
        }

        await stopped;
        Log.ServerStopped(logger);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void CheckMemory()
    {
        var need = MemoryNeed.Of(Options);
        if (CgroupMemory.ReadLimit() is { } limit && limit < need)
        {
            Log.MemoryTooSmall(logger, limit >> 20, need >> 20, Options.MaxConnections, Options.MaxBufferedBytes >> 20);
        }
    }

    private void Each(Action<Connection> act)
    {
        foreach (var connection in registry.Open)
        {
            act(connection);
        }
    }
}
