namespace NetworkProtocol.Server.Connections;

/// <summary>The last messages of one connection, written by its own loop alone.</summary>
internal sealed class RecentMessages
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 16;

    private RecentMessage[]? _items;
    private int _count;

    public void Add(in RecentMessage message)
    {
        if (!message.Sent)
        {
            LastReceived = message.Name;
            LastReceivedAt = message.At;
        }

        var items = _items ??= new RecentMessage[Capacity];
        items[_count & (Capacity - 1)] = message;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>What the client sent last.</summary>
    public string? LastReceived { get; private set; }

    /// <summary>When it did, as a timestamp; 0 before the first.</summary>
    public long LastReceivedAt { get; private set; }

    /// <summary>
    /// Oldest first. Taken without a lock, which each message would pay for: one that is replaced at this very moment may show the
    /// size of the next, and nothing worse.
    /// </summary>
    public RecentMessage[] ToArray()
    {
        var count = Volatile.Read(ref _count);
        if (_items is not { } items)
        {
            return [];
        }

        return [.. Enumerable.Range(0, Math.Min(count, Capacity))
            .Select(i => items[(Math.Max(count - Capacity, 0) + i) & (Capacity - 1)])
            .Where(message => message.Name is not null)];
    }
}
