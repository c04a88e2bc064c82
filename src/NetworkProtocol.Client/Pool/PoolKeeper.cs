using Microsoft.Extensions.Logging;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Client.Diagnostics;

namespace NetworkProtocol.Client.Pool;

/// <summary>
/// Keeps as many connections as the client needs. One loop makes connections, one at a time, again when they are lost, and lets the
/// evictor close connections that are idle, old or silent.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The token source has neither timer nor wait handle, and its token is read after its end.")]
internal sealed class PoolKeeper : IAsyncDisposable
{
    private readonly ProtocolClientOptions _options;
    private readonly ConnectionPool _pool;
    private readonly ServerSelection _servers;
    private readonly ClientStatePublisher _state;
    private readonly ILogger _logger;
    private readonly ReconnectSchedule _schedule;
    private readonly ServerConnector _connector;
    private readonly ConnectionEvictor _evictor;
    private readonly LossHandler _losses;
    private readonly WakeSignal _signal;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;
    private int _failedRounds;

    public PoolKeeper(
        ProtocolClientOptions options, ConnectionPool pool, ServerSelection servers, ClientStatePublisher state, ILogger logger)
    {
        (_options, _pool, _servers, _state, _logger) = (options, pool, servers, state, logger);
        _schedule = new ReconnectSchedule(options.Reconnect, options.Connection.TimeProvider);
        _connector = new ServerConnector(options, logger);
        _evictor = new ConnectionEvictor(options, pool, _stopping.Token);
        _signal = new WakeSignal(options.Connection.TimeProvider);
        _losses = new LossHandler(options, pool, servers, _schedule, state, _signal, logger);
        pool.Wanted = _signal.Set;
        foreach (var server in servers.All)
        {
            server.Breaker.Changed += OnBreakerChanged;
        }
    }

    /// <summary>
    /// Completes when the client has <see cref="PoolOptions.MinConnections"/> for the first time, gives up or is disposed.
    /// </summary>
    public Task Filled => _filled.Task;

    private CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts the loop if it has not started.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.CompareExchange(ref _started, 1, 0) == 0)
        {
            _state.Enter(ClientState.Connecting, null, null);
            _ = BackgroundTask.RunAsync(async () =>
            {
                await RunAsync().ConfigureAwait(false);
                _ended.TrySetResult();
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ended.TrySetResult(); // the loop never started
        }

        await _ended.Task.ConfigureAwait(false);
        _filled.TrySetResult();
        await _evictor.CloseAllAsync().ConfigureAwait(false);
    }

    // An operator who resets a breaker expects an attempt to connect now, not after a wait.
    private void OnBreakerChanged(object? sender, BreakerTransition change)
    {
        _pool.Wake();
        if (change is { From: not BreakerState.HalfOpen, To: BreakerState.Closed })
        {
            _schedule.AllowNow();
            _signal.Set();
        }
    }

    private async Task RunAsync()
    {
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                if (!await StepAsync().ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                // The client is disposed.
            }
#pragma warning disable CA1031 // After any exception, for example of a logger, the client must be able to connect again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _pool.ReportError(new ProtocolClientException(
                    ProtocolErrorKind.Connect, $"The client's attempt to connect ended with an unexpected exception: {e.Message}", e));
                _schedule.DelayLongest();
            }
        }
    }

    /// <summary>
    /// Makes a connection if one is needed. Otherwise sleeps, and then evicts connections. Returns false if the client gives up.
    /// </summary>
    private async Task<bool> StepAsync()
    {
        var wait = _schedule.TimeLeft;
        if (IsOneMoreNeeded && wait == TimeSpan.Zero)
        {
            return await TryOpenAsync().ConfigureAwait(false) || !GivesUp();
        }

        var tick = wait > TimeSpan.Zero && wait < _evictor.Tick ? wait : _evictor.Tick;
        await _signal.SleepAsync(tick, Stopping).ConfigureAwait(false);
        if (_evictor.Evict() is { } state)
        {
            _state.Enter(state, null, null);
        }

        _pool.WakeOne(); // meanwhile a trial may be due, or a silent server may have sent something
        return true;
    }

    private bool IsOneMoreNeeded => (_pool.IsMoreWanted || _pool.Open.Length < _options.Pool.MinConnections)
        && _pool.Open.Length + _evictor.Count < _options.Pool.MaxConnections;

    private async Task<bool> TryOpenAsync()
    {
        _pool.IsMoreWanted = false;
        var servers = _servers.InOrder(_options.Connection.TimeProvider.GetTimestamp());
        try
        {
            Add(servers.Length > 0
                ? await _connector.ConnectAsync(servers, Stopping).ConfigureAwait(false)
                : throw _servers.CreateOpenError());
            return true;
        }
        catch (ProtocolClientException e)
        {
            _failedRounds += servers.Length > 0 ? 1 : 0;
            OnFailedRound(e);
            return false;
        }
    }

    private void OnFailedRound(ProtocolClientException error)
    {
        _schedule.Delay();
        if (_pool.Open.Length == 0)
        {
            _pool.IsMoreWanted = true; // the callers that wanted a connection still want one
            _state.Enter(ClientState.Disconnected, null, error);
        }

        _pool.ReportError(error);
    }

    private void Add(PooledConnection connection)
    {
        _failedRounds = 0;
        ClientTelemetry.Connected(connection.Server.Address, +1);
        Log.Connected(_logger, _options.Name, connection.Server.Address);
        _pool.Add(connection);
        _state.Enter(ClientState.Connected, connection.Server.Address, null);
        _losses.Watch(connection);
        if (_pool.Open.Length >= _options.Pool.MinConnections)
        {
            _filled.TrySetResult();
        }
    }

    private bool GivesUp()
    {
        if (_options.Reconnect.MaxAttempts == 0 || _failedRounds < _options.Reconnect.MaxAttempts || _pool.Open.Length > 0)
        {
            return false;
        }

        var reason = new ProtocolClientException(
            ProtocolErrorKind.Closed, $"The client gave up after {_failedRounds} attempts: {_state.LastError?.Message}", _state.LastError);
        _pool.Close(reason);
        _filled.TrySetResult();
        _state.Enter(ClientState.Closed, null, reason);
        return true;
    }
}
