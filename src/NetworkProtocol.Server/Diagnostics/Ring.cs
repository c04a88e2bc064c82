namespace NetworkProtocol.Server.Diagnostics;

/// <summary>Keeps the last items of an endless sequence.</summary>
/// <param name="capacity">How many items are kept.</param>
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

    /// <summary>The items, oldest first.</summary>
    public T[] ToArray()
    {
        lock (_lock)
        {
            return [.. _items];
        }
    }
}
