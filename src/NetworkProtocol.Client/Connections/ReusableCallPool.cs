using System.Collections.Concurrent;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>A pool of <see cref="ReusableCall"/>. It grows to the largest number of calls at the same time.</summary>
internal sealed class ReusableCallPool
{
    private readonly ConcurrentQueue<ReusableCall> _unused = new();

    /// <summary>Returns a <see cref="ValueTask{T}"/> that a caller may misuse without harm, in place of one that it may not.</summary>
    public ValueTask<Message> Begin(ValueTask<Message> call)
    {
        if (call.IsCompletedSuccessfully)
        {
            return new ValueTask<Message>(call.Result); // the call is complete, so Result does not block
        }

        return call.IsCompleted ? new ValueTask<Message>(call.AsTask()) : Rent().Begin(call);
    }

    private ReusableCall Rent() => _unused.TryDequeue(out var call) ? call : new ReusableCall(_unused.Enqueue);
}
