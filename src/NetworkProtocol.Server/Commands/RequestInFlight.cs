namespace NetworkProtocol.Server.Commands;

/// <summary>
/// The request whose handler runs. The connection's own loop begins and ends it, the sweeper times it out, and an abort cancels it. All of
/// them act under one lock, so that a timeout or an abort that was meant for one request cannot hit the next one.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "The source has no timer and no wait handle, and may be cancelled after the connection's end.")]
internal sealed class RequestInFlight(TimeProvider time)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _cancellation;
    private long _started;
    private TimeSpan _limit;
    private string? _command;
    private volatile bool _isTimedOut;
    private volatile bool _isClosed;

    /// <summary>The request's command, or null when no request is in flight.</summary>
    public string? Command => IsRunning ? Volatile.Read(ref _command) : null;

    /// <summary>Whether a request is in flight.</summary>
    public bool IsRunning => Volatile.Read(ref _started) != 0;

    /// <summary>Whether the request timed out.</summary>
    public bool IsTimedOut => _isTimedOut;

    /// <summary>How long the request has been running.</summary>
    public TimeSpan Age(long now) =>
        Volatile.Read(ref _started) is not 0 and var started ? time.GetElapsedTime(started, now) : TimeSpan.Zero;

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

            if (_cancellation?.TryReset() != true) // TryReset drops what the previous handler has registered
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

    /// <summary>Ends the request.</summary>
    public void End()
    {
        lock (_lock)
        {
            Volatile.Write(ref _started, 0);
        }
    }

    /// <summary>Cancels the request if it has run for longer than its timeout; false if there was nothing to cancel.</summary>
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

    /// <summary>Cancels the request, and lets no other one begin.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Cancel();
        }
    }

    // Not Cancel, which runs the callbacks that a handler has registered: they must not block or fail the thread that cancels.
    private void Cancel() => _ = _cancellation?.CancelAsync();
}
