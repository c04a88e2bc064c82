using System.Threading.Tasks.Sources;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// What a connection's loop waits for while a handler runs: one waits, any number signal, and a signal that comes before the wait is kept.
/// The one who signals runs the loop. Nothing is allocated for a wait.
/// </summary>
internal sealed class WakeUp : IValueTaskSource
{
    private const int Idle = 0;
    private const int Signalled = 1;
    private const int Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _source; // not readonly: it is a struct that changes
    private volatile int _state;

    /// <summary>Completes with the next signal, or at once if one has come since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Idle) == Idle)
        {
            return new ValueTask(this, _source.Version);
        }

        Interlocked.Exchange(ref _state, Idle); // a full fence: what the caller looks at next must not be read before
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
