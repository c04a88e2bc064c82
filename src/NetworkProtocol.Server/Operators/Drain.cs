using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Operators;

/// <summary>How far an operator's drain is.</summary>
public enum DrainStage
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Not ready any more, and still serving newcomers until <see cref="ServerOptions.DrainDelay"/> is over.</summary>
    Announced,

    /// <summary>Newcomers are turned away, and connections asked to leave.</summary>
    Disconnecting,

    /// <summary>No connection is left.</summary>
    Drained,
}

/// <summary>An operator's drain: what it was asked, and how far it is.</summary>
/// <param name="Stage">How far it is.</param>
/// <param name="StartedAt">When it began, or null.</param>
/// <param name="Initial">Connections when it began to ask them to leave.</param>
/// <param name="Remaining">Connections that are left.</param>
/// <param name="PerSecond">How many are asked to leave a second.</param>
/// <param name="Deadline">When the rest is aborted, or null.</param>
public sealed record DrainStatus(
    DrainStage Stage, DateTimeOffset? StartedAt, int Initial, int Remaining, int PerSecond, DateTimeOffset? Deadline);

/// <summary>
/// Empties the server while it runs, at an operator's word: not ready, then no newcomers, then everyone is asked to leave at a rate,
/// and who has not gone at the deadline is aborted. It can be undone at any time, and a stop of the program ends it.
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
    private volatile Run? _run;

    private TimeSpan Delay => options.Value.DrainDelay ?? TimeSpan.Zero;

    /// <summary>How far it is.</summary>
    public DrainStatus Status => _run is { } run
        ? new(run.Stage, run.StartedAt, run.Initial, registry.Count, run.PerSecond, run.StartedAt + run.Deadline)
        : new(DrainStage.None, null, 0, registry.Count, 0, null);

    /// <summary>Begins; false if the server is draining or not serving.</summary>
    /// <param name="perSecond">How many are asked to leave a second, 1 to 100,000.</param>
    /// <param name="deadline">After <see cref="ServerOptions.DrainDelay"/>: when the rest is aborted, up to 24 h.</param>
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
            var run = new Run(registry.Count, perSecond, Delay + deadline, time.GetUtcNow());
            _run = run;
            metrics.Draining(run.StartedAt);
            Log.DrainAsked(logger, registry.Count, perSecond, deadline);
            _ = RunAsync(run, deadline, _undo.Token);
            return true;
        }
    }

    /// <summary>Serves again, and lets those stay that were not told to leave; false if there is nothing to undo, or the program stops.</summary>
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
            foreach (var connection in registry.Open)
            {
                connection.UndoDisconnect(CloseReason.Draining);
            }

            _run = null;
            metrics.Draining(since: null);
            Log.DrainUndone(logger, registry.Count);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _undo?.Dispose();

    private async Task RunAsync(Run run, TimeSpan deadline, CancellationToken undo)
    {
        try
        {
            await Task.Delay(Delay, time, undo);
            UnlessUndone(() => run.Begin(registry, state, time), undo);
            var began = time.GetTimestamp();
            var asking = run.Disconnects!.RunAsync(undo);
            while (registry.Count > 0)
            {
                await Task.Delay(Tick, time, undo);
                UnlessUndone(() =>
                {
                    if (time.GetElapsedTime(began) >= deadline)
                    {
                        Each(connection => connection.Abort(CloseReason.Draining));
                    }
                    else if (asking.IsCompleted) // who came in while the door was closing was not asked
                    {
                        Each(connection => connection.Disconnect(CloseReason.Draining));
                    }
                }, undo);
            }

            run.Stage = DrainStage.Drained;
        }
        catch (OperationCanceledException)
        {
            // It was undone.
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

    private sealed class Run(int count, int perSecond, TimeSpan deadline, DateTimeOffset startedAt)
    {
        private volatile int _stage = (int)DrainStage.Announced;

        public int PerSecond => perSecond;

        public TimeSpan Deadline => deadline;

        public DateTimeOffset StartedAt => startedAt;

        public DrainStage Stage
        {
            get => (DrainStage)_stage;
            set => _stage = (int)value;
        }

        public int Initial => Disconnects?.Total ?? count;

        public PacedDisconnect? Disconnects { get; private set; }

        public void Begin(ConnectionRegistry registry, ServerState state, TimeProvider time)
        {
            state.Accepts = false;
            Disconnects = new PacedDisconnect(registry.Open, CloseReason.Draining, perSecond, time);
            Stage = DrainStage.Disconnecting;
        }
    }
}
