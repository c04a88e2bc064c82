using System.Runtime.CompilerServices;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>What a caller gets in place of the result of a method with a pooling builder, which only trusted code may hold.</summary>
internal sealed class ReusableCall : ReusableSource<Message>
{
    private readonly Action<ReusableCall> _letGo;
    private readonly Action _complete;
    private ConfiguredValueTaskAwaitable<Message>.ConfiguredValueTaskAwaiter _call;

    public ReusableCall(Action<ReusableCall> letGo)
        : base(runContinuationsAsynchronously: false) => (_letGo, _complete) = (letGo, Complete);

    public ValueTask<Message> Begin(ValueTask<Message> call)
    {
        BeginWith(holders: 2);
        _call = call.ConfigureAwait(false).GetAwaiter();
        _call.UnsafeOnCompleted(_complete);
        return Awaitable;
    }

    protected override void Clear() => _call = default;

    protected override void Reuse() => _letGo(this);

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
#pragma warning disable CA1031 // Whatever it is, it is the caller's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
            return false;
        }
    }
}
