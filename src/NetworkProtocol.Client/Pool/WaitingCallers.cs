namespace NetworkProtocol.Client.Pool;

/// <summary>Callers that wait for a connection or a place on one: bounded, and woken in their order.</summary>
internal sealed class WaitingCallers(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private volatile int _count;

    public int Count => _count;

    /// <summary>Takes a place at the end; null if there is none.</summary>
    public LinkedListNode<TaskCompletionSource>? TryEnter()
    {
        lock (_lock)
        {
            if (_waiting.Count >= capacity)
            {
                return null;
            }

            var node = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _count = _waiting.Count;
            return node;
        }
    }

    /// <summary>Keeps the place and waits again.</summary>
    public void Renew(LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            if (node.Value.Task.IsCompleted)
            {
                node.Value = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Leave(LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            _waiting.Remove(node);
            _count = _waiting.Count;
        }
    }

    /// <summary>Wakes the first of those that sleep.</summary>
    public void Wake(int callers = 1)
    {
        if (_count == 0)
        {
            return;
        }

        lock (_lock)
        {
            for (var node = _waiting.First; node is not null && callers > 0; node = node.Next)
            {
                callers -= node.Value.TrySetResult() ? 1 : 0;
            }
        }
    }
}
