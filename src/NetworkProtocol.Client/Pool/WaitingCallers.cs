namespace NetworkProtocol.Client.Pool;

/// <summary>The callers that wait for a connection or for a slot of one, in their order. Their number is bounded.</summary>
/// <param name="capacity">The largest number of waiting callers.</param>
internal sealed class WaitingCallers(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private volatile int _count;

    public int Count => _count;

    /// <summary>Adds a caller at the end. Returns null if there are too many callers.</summary>
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

    /// <summary>Lets a caller that was woken wait again, at the same place.</summary>
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

    /// <summary>Removes a caller.</summary>
    public void Leave(LinkedListNode<TaskCompletionSource> node)
    {
        lock (_lock)
        {
            _waiting.Remove(node);
            _count = _waiting.Count;
        }
    }

    /// <summary>Wakes the first callers that have not been woken since they last waited.</summary>
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
