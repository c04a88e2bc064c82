using System.Threading.Tasks.Sources;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// What a <see cref="ValueTask{T}"/> waits for, used again once all have let go of it. A caller that blocks on its
/// <see cref="ValueTask{T}"/>, awaits it twice or keeps it gets an <see cref="InvalidOperationException"/>; nobody else notices.
/// </summary>
/// <remarks>
/// Only <see cref="GetResult"/> throws. An exception of <see cref="GetStatus"/> or <see cref="OnCompleted"/> would come out on the
/// thread pool, where it ends the process.
/// </remarks>
internal abstract class ReusableSource<T> : IValueTaskSource<T>
{
    private const int HoldersMask = 0xFF;
    private const int IsAwaited = 1 << 8;
    private const int IsTaken = 1 << 9;
    private const int VersionShift = 16;

    private ManualResetValueTaskSourceCore<T> _result;
    private int _state; // the version, the two marks and the number of holders, so that one exchange decides on all of them

    protected ReusableSource(bool runContinuationsAsynchronously) =>
        _result.RunContinuationsAsynchronously = runContinuationsAsynchronously;

    /// <summary>For the caller, who is one of the holders.</summary>
    protected ValueTask<T> Awaitable => new(this, _result.Version);

    public ValueTaskSourceStatus GetStatus(short token)
    {
        try
        {
            return _result.GetStatus(token);
        }
        catch (InvalidOperationException)
        {
            return ValueTaskSourceStatus.Faulted; // the token is of an earlier use: GetResult says so
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
            throw new InvalidOperationException("The request has no answer yet: await it, do not block on it.");
        }

        if (!TryMark(token, IsTaken, unless: IsTaken, newHolders: 0))
        {
            throw new InvalidOperationException("The answer was taken before: a ValueTask is awaited once, what is needed twice is its AsTask().");
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

    protected void BeginWith(int holders) => Volatile.Write(ref _state, (_result.Version << VersionShift) | holders);

    protected void SetResult(T result) => _result.SetResult(result);

    protected void SetException(Exception error) => _result.SetException(error);

    /// <summary>One holder lets go.</summary>
    protected void Release()
    {
        if ((Interlocked.Decrement(ref _state) & HoldersMask) != 0)
        {
            return;
        }

        _result.Reset();
        Clear();
        if (_result.Version != 0) // after 65,536 uses the tokens would begin anew, and an old one fit again
        {
            Reuse();
        }
    }

    /// <summary>The caller takes the result now.</summary>
    protected virtual void BeforeTaken()
    {
    }

    /// <summary>Forgets what it was used for.</summary>
    protected abstract void Clear();

    /// <summary>Nobody holds it: it may begin again.</summary>
    protected abstract void Reuse();

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

    // The second who awaits, or one who comes too late: GetResult tells it so.
    private static void ContinueAtOnce(Action<object?> continuation, object? state, ValueTaskSourceOnCompletedFlags flags)
    {
        var completed = new ManualResetValueTaskSourceCore<T>();
        completed.SetResult(default!);
        completed.OnCompleted(continuation, state, completed.Version, flags);
    }
}
