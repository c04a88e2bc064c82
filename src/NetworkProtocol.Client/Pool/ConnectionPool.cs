namespace NetworkProtocol.Client.Pool;

/// <summary>The open connections, which of them is next, and who waits for one.</summary>
internal sealed class ConnectionPool(ProtocolClientOptions options, IReadOnlyList<ServerEntry> servers)
{
    private readonly Lock _lock = new();
    private readonly WaitingCallers _waiting = new(options.Pool.MaxWaiting);
    private volatile PooledConnection[] _open = [];
    private volatile ProtocolClientException? _lastError;
    private volatile ProtocolClientException? _closed;
    private volatile bool _isMoreWanted;

    /// <summary>Told when one more connection would help.</summary>
    public Action Wanted { get; set; } = () => { };

    /// <summary>Whether one more would; the next one that is added answers that, and who finds it busy asks again.</summary>
    public bool IsMoreWanted { get => _isMoreWanted; set => _isMoreWanted = value; }

    public PooledConnection[] Open => _open;

    public ProtocolClientException? Closed => _closed;

    /// <summary>Whether there is a server that works as far as is known.</summary>
    public bool IsAnyClosed => servers.Any(server => server.Breaker.State == BreakerState.Closed);

    public int Waiting => _waiting.Count;

    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>The least loaded connection that is fit, or one that becomes so.</summary>
    /// <exception cref="ProtocolClientException">None does in time, or the options say not to wait.</exception>
    /// <param name="started">When the caller has begun.</param>
    /// <param name="mayTry">Whether a connection whose breaker is due for a trial will do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<PooledConnection> TakeAsync(long started, bool mayTry, CancellationToken cancellationToken) =>
        _waiting.Count == 0 && Choose() is { } chosen ? new(chosen) : new(WaitAsync(started, mayTry, cancellationToken));

    public void Add(PooledConnection connection)
    {
        lock (_lock)
        {
            _open = [.. _open, connection];
            _isMoreWanted = false;
            connection.Server.Open++;
        }

        _lastError = null;
        connection.Connection.SlotFreed = () => _waiting.Wake();
        _waiting.Wake(options.Connection.MaxRequestsInFlight);
    }

    /// <summary>False if it was not in the pool any more.</summary>
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

    /// <summary>Lets all who wait look again.</summary>
    public void Wake() => _waiting.Wake(int.MaxValue);

    /// <summary>Lets one look again, for what changes with time alone: a trial that is due, a server that speaks again.</summary>
    public void WakeOne() => _waiting.Wake();

    /// <summary>No connection could be made; callers that are not to wait for the next attempt are told.</summary>
    public void Failed(ProtocolClientException error)
    {
        _lastError = error;
        Wake();
    }

    /// <summary>All callers are told from now on.</summary>
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
            if (connection.IsFit && connection.Server.Breaker.State == BreakerState.Closed
                && connection.Connection.RequestsInFlight is var load && load < least)
            {
                (best, least) = (connection, load);
            }
        }

        if (best is null ? open.Length == 0 || IsAnyClosed : least >= options.Pool.GrowAtRequests)
        {
            Want(open);
        }

        return best;
    }

    // Not for one that has come since the caller looked: whoever waits looks again.
    private void Want(PooledConnection[] seen)
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

    // One whose breaker is due for a trial, which the breaker gives to the first that comes.
    private PooledConnection? ChooseTrial() =>
        Array.Find(_open, connection => connection.IsFit && connection.Server.Breaker is { State: BreakerState.Open, Permits: true });

    private async Task<PooledConnection> WaitAsync(long started, bool mayTry, CancellationToken cancellationToken)
    {
        ThrowIfPointless();
        var place = _waiting.TryEnter() ?? throw new ProtocolClientException(
            ProtocolErrorKind.PoolExhausted, $"{options.Pool.MaxWaiting} callers wait already for one of {_open.Length} connections.");
        var patience = Patience(started);
        using var timeout = new CancellationTokenSource(patience, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            while (true)
            {
                _waiting.Renew(place); // before looking, so that no change is missed
                if ((Choose() ?? (mayTry ? ChooseTrial() : null)) is { } chosen)
                {
                    return chosen;
                }

                ThrowIfPointless();
                await place.Value.Task.WaitAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw CreateTimeout(patience);
        }
        finally
        {
            _waiting.Leave(place);
            if (place.Value.Task.IsCompleted)
            {
                _waiting.Wake(); // whoever leaves may have been woken for a place that it does not take
            }
        }
    }

    private TimeSpan Patience(long started)
    {
        var whole = options.Connection.RequestTimeout;
        var left = whole == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : whole - Time.GetElapsedTime(started);
        var wait = options.WhenDisconnected == WhenDisconnected.Buffer || options.WaitTimeout == Timeout.InfiniteTimeSpan ? left
            : left < options.WaitTimeout ? left : options.WaitTimeout;
        return wait == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private ProtocolClientException CreateTimeout(TimeSpan patience) => _open.Length > 0
        ? new(ProtocolErrorKind.Timeout, $"All {_open.Length} connections were busy for {patience}.")
        : new(ProtocolErrorKind.Timeout, $"No connection within {patience}: {_lastError?.Message ?? "none could be made yet."}", _lastError);

    private void ThrowIfPointless()
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
