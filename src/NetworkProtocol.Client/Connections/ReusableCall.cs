using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>
/// The source of a <see cref="ValueTask{T}"/> for callers, which awaits the <see cref="ValueTask{T}"/> of a method with the runtime's
/// pooling builder. Callers never get the latter: misusing it can end the process, misusing this one cannot.
/// </summary>
internal sealed class ReusableCall : ReusableValueTaskSource<Message>
{
    private readonly Action<ReusableCall> _onFree;
    private readonly Action _complete;
    private ConfiguredValueTaskAwaitable<Message>.ConfiguredValueTaskAwaiter _call;

    public ReusableCall(Action<ReusableCall> onFree)
        : base(runContinuationsAsynchronously: false) => (_onFree, _complete) = (onFree, Complete);

    public ValueTask<Message> Begin(ValueTask<Message> call)
    {
        BeginWith(holders: 2);
        _call = call.ConfigureAwait(false).GetAwaiter();
        _call.UnsafeOnCompleted(_complete);
        return Awaitable;
    }

    protected override void Clear() => _call = default;

    protected override void Reuse() => _onFree(this);

    private void Complete()
    {
        if (TryTake(out var answer, out var error))
        {
            SetResult(answer);
        }
        else
        {
            SetException(error);
        }

        Release();
    }

    private bool TryTake(out Message answer, out Exception error)
    {
        (answer, error) = (null!, null!);
        try
        {
            answer = _call.GetResult();
            return true;
        }
#pragma warning disable CA1031 // The exception, whatever it is, goes to the caller.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
            return false;
        }
    }
}
