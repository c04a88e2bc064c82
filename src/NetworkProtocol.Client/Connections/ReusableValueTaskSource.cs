using System.Threading.Tasks.Sources;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// A source of <see cref="ValueTask{T}"/> that is used again when all its holders have released it. A caller that blocks on its
/// <see cref="ValueTask{T}"/>, awaits it twice or keeps it gets an <see cref="InvalidOperationException"/>. No other caller is affected.
/// </summary>
/// <remarks>
/// One integer holds the version of the current use, two marks and the number of holders, so that one exchange decides on all of them. A
/// token is valid while it equals the version. The first call that sets the mark "taken" gets the result; later ones get an exception.
/// <see cref="OnCompleted"/> adds a holder while it runs, so that the source is not used again meanwhile. Only <see cref="GetResult"/>
/// throws: an exception of <see cref="GetStatus"/> or <see cref="OnCompleted"/> would be raised on the thread pool and end the process.
/// </remarks>
internal abstract class ReusableValueTaskSource<T> : IValueTaskSource<T>
{
    private const int HoldersMask = 0xFF;
    private const int IsAwaited = 1 << 8;
    private const int IsTaken = 1 << 9;
    private const int VersionShift = 16;

    private ManualResetValueTaskSourceCore<T> _result;
    private int _state;

    protected ReusableValueTaskSource(bool runContinuationsAsynchronously) =>
        _result.RunContinuationsAsynchronously = runContinuationsAsynchronously;

    /// <summary>The task for the caller, which is one of the holders.</summary>
    protected ValueTask<T> Awaitable => new(this, _result.Version);

    public ValueTaskSourceStatus GetStatus(short token)
    {
        try
        {
            return _result.GetStatus(token);
        }
        catch (InvalidOperationException)
        {
            return ValueTaskSourceStatus.Faulted; // the token belongs to an earlier use, and GetResult reports that
        }
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (!TryMark(token, IsAwaited, unless: IsAwaited | IsTaken, newHolders: 1))
        {
            ContinueAtOnce(continuation, state, flags);
            return;
        }

        _result.OnCompleted(continuation, state, token, flags);
        Release();
    }

    public T GetResult(short token)
    {
        if (GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The ValueTask is not complete: await it, do not block on it.");
        }

        if (!TryMark(token, IsTaken, unless: IsTaken, newHolders: 0))
        {
            throw new InvalidOperationException(
                "The result was taken before: await a ValueTask once. To await it more often, call AsTask() once and await the task.");
        }

        try
        {
            BeforeTaken();
            return _result.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Starts a use with this number of holders.</summary>
    protected void BeginWith(int holders) => Volatile.Write(ref _state, (_result.Version << VersionShift) | holders);

    protected void SetResult(T result) => _result.SetResult(result);

    protected void SetException(Exception error) => _result.SetException(error);

    /// <summary>Releases the source for one holder. The last holder makes it free.</summary>
    protected void Release()
    {
        if ((Interlocked.Decrement(ref _state) & HoldersMask) != 0)
        {
            return;
        }

        _result.Reset();
        Clear();
        if (_result.Version != 0) // after 65,536 uses the tokens would repeat, and an old token would be valid again
        {
            Reuse();
        }
    }

    /// <summary>Called when the caller takes the result, before the source can be used again.</summary>
    protected virtual void BeforeTaken()
    {
    }

    /// <summary>Removes all references to the last use.</summary>
    protected abstract void Clear();

    /// <summary>Called when the source is free for another use.</summary>
    protected abstract void Reuse();

    /// <summary>Sets a mark and adds holders, if the token is valid and no mark of <paramref name="unless"/> is set.</summary>
    private bool TryMark(short token, int mark, int unless, int newHolders)
    {
        var state = Volatile.Read(ref _state);
        while ((short)(state >> VersionShift) == token && (state & unless) == 0)
        {
            var found = Interlocked.CompareExchange(ref _state, (state | mark) + newHolders, state);
            if (found == state)
            {
                return true;
            }

            state = found;
        }

        return false;
    }

    // For a second await, or an await that comes too late: its continuation runs, and GetResult throws there.
    private static void ContinueAtOnce(Action<object?> continuation, object? state, ValueTaskSourceOnCompletedFlags flags)
    {
        var completed = new ManualResetValueTaskSourceCore<T>();
        completed.SetResult(default!);
        completed.OnCompleted(continuation, state, completed.Version, flags);
    }
}
