using System.Threading.Tasks.Sources;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Lets a connection's loop wait while a handler runs. One loop waits, and any thread may signal; a signal before the wait is kept. The
/// thread that signals runs the loop. A wait allocates nothing.
/// </summary>
internal sealed class WakeUp : IValueTaskSource
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _source; // not readonly, because it is a mutable struct
    private volatile int _state;

    /// <summary>Completes with the next signal, or at once if one has come since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle)
        {
            return new ValueTask(this, _source.Version);
        }

        Interlocked.Exchange(ref _state, Idle); // a full fence: the caller's next reads must come after it
        return ValueTask.CompletedTask;
    }

    public void Signal()
    {
        while (_state is var state && state != Signalled)
        {
            if (Interlocked.CompareExchange(ref _state, state == Awaited ? Idle : Signalled, state) != state)
            {
                continue;
            }

            if (state == Awaited)
            {
                _source.SetResult(true);
            }

            return;
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
