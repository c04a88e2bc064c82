using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>What an operator wants of the uplink: that it pauses, or that it does not wait. A restart forgets both.</summary>
internal sealed class UplinkSwitch(UplinkState state, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly long[] _flushTo = new long[Enum.GetValues<Lane>().Length];
    private TaskCompletionSource _resumed = Completed();
    private CancellationTokenSource _flushed = new();

    /// <summary>Has the lanes send no batch after the one that is on its way. Returns whether that is news.</summary>
    public bool Pause()
    {
        lock (_lock)
        {
            if (!_resumed.Task.IsCompleted)
            {
                return false;
            }

            _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            state.IsPaused = true;
            return true;
        }
    }

    /// <summary>Has the lanes send again. Returns whether that is news.</summary>
    public bool Resume()
    {
        lock (_lock)
        {
            state.IsPaused = false;
            return _resumed.TrySetResult();
        }
    }

    /// <summary>Ends the waits of all lanes, and lets each send up to a number without waiting for the catch-up limit.</summary>
    public void Flush(Func<Lane, long> lastOf)
    {
        CancellationTokenSource waits;
        lock (_lock)
        {
            foreach (var lane in Enum.GetValues<Lane>())
            {
                Volatile.Write(ref _flushTo[(int)lane], lastOf(lane));
            }

            (waits, _flushed) = (_flushed, new CancellationTokenSource());
        }

        waits.Cancel();
        waits.Dispose();
    }

    /// <summary>Whether an operator wants the messages behind a mark to be sent without a limit.</summary>
    public bool IsFlushing(Lane lane, long mark) => mark < Volatile.Read(ref _flushTo[(int)lane]);

    /// <summary>Returns when the uplink is not paused.</summary>
    public Task WhileResumedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _resumed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits, at most until an operator flushes the buffer.</summary>
    public async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        CancellationTokenSource either;
        lock (_lock)
        {
            either = CancellationTokenSource.CreateLinkedTokenSource(_flushed.Token, cancellationToken);
        }

        using (either)
        {
            await Task.Delay(wait, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose() => _flushed.Dispose();

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
