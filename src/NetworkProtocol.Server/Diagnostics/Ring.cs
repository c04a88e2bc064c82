namespace NetworkProtocol.Server.Diagnostics;

/// <summary>The last items of a sequence without end.</summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class Ring<T>(int capacity)
{
    private readonly Queue<T> _items = new();
    private readonly Lock _lock = new();

    public void Add(T item)
    {
        lock (_lock)
        {
            if (_items.Count == capacity)
            {
                _items.Dequeue();
            }

            _items.Enqueue(item);
        }
    }

    /// <summary>What is kept at this moment, oldest first.</summary>
    public T[] ToArray()
    {
        lock (_lock)
        {
            return [.. _items];
        }
    }
}
