using Microsoft.Extensions.Logging;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Client.Diagnostics;

namespace NetworkProtocol.Client.Pool;

/// <summary>Keeps as many connections as are wanted: makes them, one at a time, and again when they are lost.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Its token source has neither timer nor wait handle, and is asked for its token late.")]
internal sealed class PoolKeeper : IAsyncDisposable
{
    private readonly ProtocolClientOptions _options;
    private readonly ConnectionPool _pool;
    private readonly ServerSelection _servers;
    private readonly StateJournal _journal;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private readonly Retirement _retirement;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;
    private int _failedRounds;
    private long _notBefore = long.MinValue;

    public PoolKeeper(
        ProtocolClientOptions options, ConnectionPool pool, ServerSelection servers, StateJournal journal, ILogger logger)
    {
        (_options, _pool, _servers, _journal, _logger) = (options, pool, servers, journal, logger);
        _backoff = new Backoff(options.Reconnect);
        _retirement = new Retirement(options, pool, _stopping.Token);
        pool.Wanted = Signal;
        foreach (var server in servers.All)
        {
            server.Breaker.Changed += OnBreakerChanged;
        }
    }

    /// <summary>Completes when there are as many connections as there are always to be, for the first time.</summary>
    public Task Filled => _filled.Task;

    private TimeProvider Time => _options.Connection.TimeProvider;

    private CancellationToken Stopping => _stopping.Token;

    /// <summary>Begins, if it has not begun.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _started) == 0 && Interlocked.CompareExchange(ref _started, 1, 0) == 0)
        {
            _journal.Enter(ClientState.Connecting, null, null);
            _ = Detached.RunAsync(async () =>
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
            _ended.TrySetResult(); // it was never used
        }

        await _ended.Task.ConfigureAwait(false);
        _filled.TrySetResult();
        await _retirement.CloseAllAsync().ConfigureAwait(false);
    }

    // An operator who closes a breaker wants to see an attempt, not a wait.
    private void OnBreakerChanged(object? sender, BreakerTransition change)
    {
        _pool.Wake();
        if (change is { From: not BreakerState.HalfOpen, To: BreakerState.Closed })
        {
            Volatile.Write(ref _notBefore, long.MinValue);
            Signal();
        }
    }

    private void Signal()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
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
#pragma warning disable CA1031 // Whatever goes wrong here once, as a logger that throws, the client must be able to connect again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _pool.Failed(new ProtocolClientException(ProtocolErrorKind.Connect, $"The client stopped connecting: {e.Message}", e));
                Volatile.Write(ref _notBefore, Later(_options.Reconnect.MaxDelay));
            }
        }
    }

    /// <summary>Makes one connection if one is wanted, else waits a while and closes what is unfit; false when it gives up.</summary>
    private async Task<bool> StepAsync()
    {
        var wait = TimeUntilNext();
        if (IsOneMoreWanted && wait == TimeSpan.Zero)
        {
            return await TryOpenAsync().ConfigureAwait(false) || !GivesUp();
        }

        await SleepAsync(wait > TimeSpan.Zero && wait < _retirement.Tick ? wait : _retirement.Tick).ConfigureAwait(false);
        if (_retirement.RetireUnfit() is { } state)
        {
            _journal.Enter(state, null, null);
        }

        _pool.WakeOne(); // a trial may be due, or a server speak again
        return true;
    }

    private bool IsOneMoreWanted => (_pool.IsMoreWanted || _pool.Open.Length < _options.Pool.MinConnections)
        && _pool.Open.Length + _retirement.Count < _options.Pool.MaxConnections;

    /// <summary>Tries all servers that may be tried, each once, until one is connected.</summary>
    private async Task<bool> TryOpenAsync()
    {
        _pool.IsMoreWanted = false;
        var servers = _servers.InOrder(Time.GetTimestamp());
        try
        {
            Add(await RaceAsync(servers).ConfigureAwait(false));
            return true;
        }
        catch (ProtocolClientException e)
        {
            _failedRounds += servers.Length > 0 ? 1 : 0;
            AddNone(e);
            return false;
        }
    }

    private async Task<PooledConnection> RaceAsync(ServerEntry[] servers)
    {
        if (servers.Length == 0)
        {
            throw _servers.CreateOpenError();
        }

        var race = new ConnectionRace<ProtocolConnection>(Connector.LongestHeadStart, Time);
        var connection = await race.RunAsync(
            servers.Select(server => (Func<CancellationToken, Task<ProtocolConnection>>)(token => ConnectAsync(server, token))),
            Stopping).ConfigureAwait(false);
        var slower = servers.TakeWhile(server => server.Address != connection.Address).ToArray();
        Array.ForEach(slower, server => server.SlowUntil = Later(_options.Reconnect.MaxDelay));
        return new PooledConnection(connection, servers[slower.Length], Time.GetTimestamp());
    }

    private async Task<ProtocolConnection> ConnectAsync(ServerEntry server, CancellationToken cancellationToken)
    {
        try
        {
            return await server.Breaker.ProbeAsync(AttemptAsync, server, cancellationToken).ConfigureAwait(false);
        }
        catch (ProtocolClientException e)
        {
            Log.ConnectFailed(_logger, _options.Name, server.Address, e.Message);
            throw;
        }
        catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
        {
            Log.ConnectOvertaken(_logger, _options.Name, server.Address);
            throw;
        }
    }

    private async ValueTask<ProtocolConnection> AttemptAsync(ServerEntry server, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ProtocolConnection.ConnectAsync(server.Address, _options.Connection, cancellationToken).ConfigureAwait(false);
            ClientTelemetry.Attempted(server.Address, null);
            return connection;
        }
        catch (ProtocolClientException e)
        {
            ClientTelemetry.Attempted(server.Address, e);
            throw;
        }
    }

    private void AddNone(ProtocolClientException error)
    {
        Volatile.Write(ref _notBefore, Later(_backoff.Next()));
        if (_pool.Open.Length == 0)
        {
            _pool.IsMoreWanted = true; // whoever needed the first one needs it still
            _journal.Enter(ClientState.Disconnected, null, error);
        }

        _pool.Failed(error);
    }

    private void Add(PooledConnection connection)
    {
        _failedRounds = 0;
        ClientTelemetry.Connected(connection.Server.Address, +1);
        Log.Connected(_logger, _options.Name, connection.Server.Address);
        _pool.Add(connection);
        _journal.Enter(ClientState.Connected, connection.Server.Address, null);
        Watch(connection);
        if (_pool.Open.Length >= _options.Pool.MinConnections)
        {
            _filled.TrySetResult();
        }
    }

    private void Watch(PooledConnection connection)
    {
        connection.Connection.Ended = reason => OnEnded(connection, reason);
        if (connection.Connection.Closed is { IsCompletedSuccessfully: true } closed)
        {
            OnEnded(connection, closed.Result); // it has completed, so Result does not block
        }
    }

    private void OnEnded(PooledConnection connection, ProtocolClientException reason)
    {
        if (!connection.TryEnd())
        {
            return;
        }

        ClientTelemetry.Connected(connection.Server.Address, -1);
        if (!_pool.Open.Contains(connection))
        {
            return; // it was closed on purpose
        }

        WaitAfterLoss(connection, reason); // before it is missed, and someone makes another
        _pool.Remove(connection);
        if (_pool.Open.Length == 0)
        {
            _journal.Enter(ClientState.Disconnected, connection.Server.Address, reason);
            _pool.Failed(reason);
        }

        _pool.Wake(); // who waited for a place on this one has to look for another
        Signal();
        _ = connection.Connection.DisposeAsync().AsTask();
        Log.ConnectionLost(_logger, _options.Name, connection.Server.Address, reason.Message); // last: a logger may throw
    }

    private void WaitAfterLoss(PooledConnection connection, ProtocolClientException reason)
    {
        if (Time.GetElapsedTime(connection.Opened) >= _options.Reconnect.StableAfter)
        {
            _backoff.Reset();
        }

        connection.Server.AvoidUntil = reason.IsGoodbye ? Later(_options.Reconnect.MaxDelay) : long.MinValue;
        var leavesAtOnce = reason.IsGoodbye && _servers.IsAnyWelcoming(Time.GetTimestamp());
        if (!leavesAtOnce && TimeUntilNext() == TimeSpan.Zero) // several that are lost together are one loss
        {
            Volatile.Write(ref _notBefore, Later(_backoff.Next()));
        }
    }

    private bool GivesUp()
    {
        if (_options.Reconnect.MaxAttempts == 0 || _failedRounds < _options.Reconnect.MaxAttempts || _pool.Open.Length > 0)
        {
            return false;
        }

        var reason = new ProtocolClientException(
            ProtocolErrorKind.Closed, $"The client gave up after {_failedRounds} attempts: {_journal.LastError?.Message}", _journal.LastError);
        _pool.Close(reason);
        _filled.TrySetResult();
        _journal.Enter(ClientState.Closed, null, reason);
        return true;
    }

    private async Task SleepAsync(TimeSpan time)
    {
        using var over = new CancellationTokenSource(time, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, Stopping);
        try
        {
            await _signal.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
        {
            // Nobody has signalled, and it is time.
        }
    }

    private TimeSpan TimeUntilNext()
    {
        var (now, next) = (Time.GetTimestamp(), Volatile.Read(ref _notBefore));
        return next > now ? Time.GetElapsedTime(now, next) : TimeSpan.Zero;
    }

    private long Later(TimeSpan delay) => Time.GetTimestamp() + (long)(delay.TotalSeconds * Time.TimestampFrequency);
}
