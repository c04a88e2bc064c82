using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Operators;

/// <summary>
/// Empties the server at an operator's request while it runs: first the server is not ready, then it accepts no new connections, then it
/// disconnects all clients at a rate, and at the deadline it aborts the connections that are left. A drain can be undone at any time. A
/// stop of the program ends it.
/// </summary>
public sealed class Drain(
    ConnectionRegistry registry,
    ServerState state,
    ServerMetrics metrics,
    IOptions<ServerOptions> options,
    TimeProvider time,
    ILogger<Drain> logger) : IDisposable
{
    /// <summary>The longest deadline.</summary>
    public static readonly TimeSpan MaxDeadline = TimeSpan.FromHours(24);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private CancellationTokenSource? _undo;
    private volatile DrainRun? _run;

    private TimeSpan Delay => options.Value.DrainDelay ?? TimeSpan.Zero;

    /// <summary>How far the drain is.</summary>
    public DrainStatus Status => _run is { } run
        ? new(run.Stage, run.StartedAt, run.Initial, registry.Count, run.PerSecond, run.StartedAt + run.Deadline)
        : new(DrainStage.None, null, 0, registry.Count, 0, null);

    /// <summary>Begins a drain; false if the server is draining or not serving.</summary>
    /// <param name="perSecond">How many clients are disconnected a second, 1 to 100,000.</param>
    /// <param name="deadline">
    /// When the connections that are left are aborted, counted after <see cref="ServerOptions.DrainDelay"/>: up to 24 h.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public bool TryStart(int perSecond, TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, PacedDisconnect.MaxPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deadline, MaxDeadline);
        lock (_lock)
        {
            if (!state.TryChange(ServerPhase.Serving, ServerPhase.Draining))
            {
                return false;
            }

            _undo?.Dispose();
            _undo = new CancellationTokenSource();
            var run = new DrainRun(registry.Count, perSecond, Delay + deadline, time.GetUtcNow());
            _run = run;
            metrics.Draining(run.StartedAt);
            Log.DrainAsked(logger, registry.Count, perSecond, deadline);
            _ = RunAsync(run, deadline, _undo.Token);
            return true;
        }
    }

    /// <summary>
    /// Serves again, and keeps the connections whose clients were not told yet; false if there is no drain, or the program stops.
    /// </summary>
    public bool Undo()
    {
        lock (_lock)
        {
            if (_run is not { } run || !state.TryChange(ServerPhase.Draining, ServerPhase.Serving))
            {
                return false;
            }

            _undo!.Cancel();
            run.Disconnects?.Stop();
            state.Accepts = true;
            Each(connection => connection.UndoDisconnect(CloseReason.Draining));
            _run = null;
            metrics.Draining(since: null);
            Log.DrainUndone(logger, registry.Count);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _undo?.Dispose();

    private async Task RunAsync(DrainRun run, TimeSpan deadline, CancellationToken undo)
    {
        try
        {
            await Task.Delay(Delay, time, undo);
            UnlessUndone(() => run.Begin(registry, state, time), undo);
            var began = time.GetTimestamp();
            var disconnecting = run.Disconnects!.RunAsync(undo);
            while (registry.Count > 0)
            {
                await Task.Delay(Tick, time, undo);
                UnlessUndone(() => DisconnectRest(time.GetElapsedTime(began) >= deadline, disconnecting.IsCompleted), undo);
            }

            run.Stage = DrainStage.Drained;
        }
        catch (OperationCanceledException)
        {
            // The drain was undone.
        }
    }

    private void DisconnectRest(bool isOverdue, bool areAllRequested)
    {
        if (isOverdue)
        {
            Each(connection => connection.Abort(CloseReason.Draining));
        }
        else if (areAllRequested) // connections that were being accepted when the drain began are not among those that it counted
        {
            Each(connection => connection.Disconnect(CloseReason.Draining));
        }
    }

    private void UnlessUndone(Action act, CancellationToken undo)
    {
        lock (_lock)
        {
            undo.ThrowIfCancellationRequested();
            act();
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
