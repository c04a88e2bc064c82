using System.Collections.Concurrent;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Client.Connections;

/// <summary>Calls that may be used again: as many as there were at once.</summary>
internal sealed class ReusableCalls
{
    private readonly ConcurrentQueue<ReusableCall> _unused = new();

    public ValueTask<Message> Begin(ValueTask<Message> call)
    {
        if (call.IsCompletedSuccessfully)
        {
            return new ValueTask<Message>(call.Result); // it has completed, so Result does not block
        }

        return call.IsCompleted ? new ValueTask<Message>(call.AsTask()) : Rent().Begin(call);
    }

    private ReusableCall Rent() => _unused.TryDequeue(out var call) ? call : new ReusableCall(_unused.Enqueue);
}
