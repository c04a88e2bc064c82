namespace NetworkProtocol.Server.Commands;

/// <summary>
/// The request whose handler runs. The connection's own loop begins and ends it, the sweeper times it out, an abort cancels it; each of
/// them decides under one lock, so that none can act on the next request in place of this one.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Its token source has neither timer nor wait handle, and may be cancelled late.")]
internal sealed class RequestInFlight(TimeProvider time)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _cancellation;
    private long _started;
    private TimeSpan _limit;
    private string? _command;
    private volatile bool _isTimedOut;
    private volatile bool _isClosed;

    /// <summary>Its command, or null when no request is in flight.</summary>
    public string? Command => IsRunning ? Volatile.Read(ref _command) : null;

    /// <summary>Whether there is one.</summary>
    public bool IsRunning => Volatile.Read(ref _started) != 0;

    /// <summary>Whether it took too long.</summary>
    public bool IsTimedOut => _isTimedOut;

    /// <summary>How long it has been running.</summary>
    public TimeSpan Age(long now) => Volatile.Read(ref _started) is not 0 and var started ? time.GetElapsedTime(started, now) : TimeSpan.Zero;

    /// <summary>Begins a request; false after <see cref="Close"/>.</summary>
    public bool TryBegin(string command, long now, TimeSpan limit, out CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            cancellationToken = default;
            if (_isClosed)
            {
                return false;
            }

            if (_cancellation?.TryReset() != true) // what the handler before has registered is gone
            {
                _cancellation = new CancellationTokenSource();
            }

            cancellationToken = _cancellation.Token;
            _isTimedOut = false;
            _limit = limit;
            Volatile.Write(ref _command, command);
            Volatile.Write(ref _started, now);
            return true;
        }
    }

    /// <summary>Ends it.</summary>
    public void End()
    {
        lock (_lock)
        {
            Volatile.Write(ref _started, 0);
        }
    }

    /// <summary>Cancels it if it has run for longer than it may; false if there was nothing to cancel.</summary>
    public bool TryTimeOut(long now)
    {
        if (!IsRunning)
        {
            return false;
        }

        lock (_lock)
        {
            if (!IsRunning || _isTimedOut || time.GetElapsedTime(_started, now) <= _limit)
            {
                return false;
            }

            _isTimedOut = true;
            Cancel();
            return true;
        }
    }

    /// <summary>Cancels it, and lets none begin any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Cancel();
        }
    }

    // Not Cancel: what a handler has registered must neither hold up nor fault whoever cancels.
    private void Cancel() => _ = _cancellation?.CancelAsync();
}
