namespace NetworkProtocol.Client.Pool;

/// <summary>The open connections of a client. Chooses one for each request, and lets callers wait if there is none.</summary>
internal sealed class ConnectionPool(ProtocolClientOptions options, IReadOnlyList<ServerEntry> servers)
{
    private readonly Lock _lock = new();
    private readonly WaitingCallers _waiting = new(options.Pool.MaxWaiting);
    private volatile PooledConnection[] _open = [];
    private volatile ProtocolClientException? _lastError;
    private volatile ProtocolClientException? _closed;
    private volatile bool _isMoreWanted;

    /// <summary>Called when the pool needs one more connection.</summary>
    public Action Wanted { get; set; } = () => { };

    /// <summary>
    /// Whether the pool needs one more connection. The keeper clears this before each attempt, and the pool when a connection is added. A
    /// caller that finds all connections busy then sets it again.
    /// </summary>
    public bool IsMoreWanted { get => _isMoreWanted; set => _isMoreWanted = value; }

    /// <summary>The open connections. The array never changes: each change of the pool makes a new one.</summary>
    public PooledConnection[] Open => _open;

    /// <summary>The reason for which the client is closed. Null: it is not closed.</summary>
    public ProtocolClientException? Closed => _closed;

    /// <summary>Whether the circuit breaker of at least one server is closed.</summary>
    public bool IsAnyBreakerClosed => servers.Any(server => server.Breaker.State == BreakerState.Closed);

    /// <summary>The number of callers that wait.</summary>
    public int Waiting => _waiting.Count;

    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>Returns the least loaded connection that is healthy and whose breaker is closed, or waits for one.</summary>
    /// <param name="started">The timestamp from which the caller's timeout counts.</param>
    /// <param name="allowTrial">Whether a connection whose breaker is due for a trial is good enough.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProtocolClientException">
    /// There was no connection in time, too many callers wait, the client is closed, or the options say not to wait.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<PooledConnection> TakeAsync(long started, bool allowTrial, CancellationToken cancellationToken) =>
        _waiting.Count == 0 && Choose() is { } chosen ? new(chosen) : new(WaitAsync(started, allowTrial, cancellationToken));

    /// <summary>Adds a connection, and wakes as many waiting callers as it has slots.</summary>
    public void Add(PooledConnection connection)
    {
        lock (_lock)
        {
            _open = [.. _open, connection];
            _isMoreWanted = false;
            connection.Server.Open++;
        }

        _lastError = null;
        connection.Connection.Slots.Freed = () => _waiting.Wake();
        _waiting.Wake(options.Connection.MaxRequestsInFlight);
    }

    /// <summary>Removes a connection. Returns false if it was not in the pool.</summary>
    public bool Remove(PooledConnection connection)
    {
        lock (_lock)
        {
            var rest = Array.FindAll(_open, other => other != connection);
            var removed = rest.Length < _open.Length;
            _open = rest;
            connection.Server.Open -= removed ? 1 : 0;
            return removed;
        }
    }

    /// <summary>Wakes all waiting callers, which then choose a connection again.</summary>
    public void Wake() => _waiting.Wake(int.MaxValue);

    /// <summary>
    /// Wakes the first waiting caller. This is for changes that no event reports: a trial becomes due, or a silent server sends something.
    /// </summary>
    public void WakeOne() => _waiting.Wake();

    /// <summary>
    /// Notes the error of an attempt to connect, or of the last connection. Callers with <see cref="WhenDisconnected.Fail"/> fail with it.
    /// </summary>
    public void ReportError(ProtocolClientException error)
    {
        _lastError = error;
        Wake();
    }

    /// <summary>Closes the pool: all waiting and later callers fail with the reason.</summary>
    public void Close(ProtocolClientException reason)
    {
        _closed ??= reason;
        Wake();
    }

    private PooledConnection? Choose()
    {
        PooledConnection? best = null;
        var least = options.Connection.MaxRequestsInFlight;
        var open = _open;
        foreach (var connection in open)
        {
            if (connection.IsHealthy && connection.Server.Breaker.State == BreakerState.Closed
                && connection.Connection.RequestsInFlight is var load && load < least)
            {
                (best, least) = (connection, load);
            }
        }

        if (best is null ? open.Length == 0 || IsAnyBreakerClosed : least >= options.Pool.GrowAtRequests)
        {
            RequestOneMore(open);
        }

        return best;
    }

    // If the pool has changed since the caller has chosen, nothing is requested: the caller waits, and then chooses again.
    private void RequestOneMore(PooledConnection[] seen)
    {
        if (_isMoreWanted || seen.Length >= options.Pool.MaxConnections)
        {
            return;
        }

        lock (_lock)
        {
            if (_open != seen)
            {
                return;
            }

            _isMoreWanted = true;
        }

        Wanted();
    }

    // A connection whose breaker is due for a trial. Several callers may get it, and the breaker lets the first one make the trial.
    private PooledConnection? ChooseTrial() =>
        Array.Find(_open, connection => connection.IsHealthy && connection.Server.Breaker is { State: BreakerState.Open, Permits: true });

    private async Task<PooledConnection> WaitAsync(long started, bool allowTrial, CancellationToken cancellationToken)
    {
        ThrowIfWaitingIsPointless();
        var place = _waiting.TryEnter() ?? throw new ProtocolClientException(
            ProtocolErrorKind.PoolExhausted,
            $"All {_open.Length} connections are busy, and {options.Pool.MaxWaiting} callers already wait for one.");
        var timeLeft = TimeLeft(started);
        using var timeout = new CancellationTokenSource(timeLeft, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            while (true)
            {
                _waiting.Renew(place); // before the choice, so that the caller misses no change
                if ((Choose() ?? (allowTrial ? ChooseTrial() : null)) is { } chosen)
                {
                    return chosen;
                }

                ThrowIfWaitingIsPointless();
                await place.Value.Task.WaitAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CreateTimeout(timeLeft);
        }
        finally
        {
            _waiting.Leave(place);
            if (place.Value.Task.IsCompleted)
            {
                _waiting.Wake(); // this caller may have been woken for a slot that it does not take
            }
        }
    }

    private TimeSpan TimeLeft(long started)
    {
        var whole = options.Connection.RequestTimeout;
        var left = whole == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : whole - Time.GetElapsedTime(started);
        var wait = options.WhenDisconnected == WhenDisconnected.Buffer || options.WaitTimeout == Timeout.InfiniteTimeSpan ? left
            : left < options.WaitTimeout ? left : options.WaitTimeout;
        return wait == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private ProtocolClientException CreateTimeout(TimeSpan waited) => _open.Length > 0
        ? new(ProtocolErrorKind.Timeout, $"All {_open.Length} connections were busy for {waited}.")
        : new(ProtocolErrorKind.Timeout, $"No connection within {waited}: {_lastError?.Message ?? "none could be made yet."}", _lastError);

    private void ThrowIfWaitingIsPointless()
    {
        if (_closed is { } closed)
        {
            throw ProtocolClientException.Copy(closed);
        }

        if (options.WhenDisconnected != WhenDisconnected.Buffer && servers.All(server => !server.Breaker.Permits))
        {
            throw servers.MinBy(server => server.Breaker.RetryAfter ?? TimeSpan.MaxValue)!.Breaker.CreateOpenError();
        }

        if (options.WhenDisconnected == WhenDisconnected.Fail && _open.Length == 0 && _lastError is { } error)
        {
            throw ProtocolClientException.Copy(error);
        }
    }
}
