namespace NetworkProtocol.Server.Connections;

/// <summary>The last messages of one connection. Only the connection's own loop writes them.</summary>
internal sealed class RecentMessages
{
    /// <summary>How many messages are kept.</summary>
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

    /// <summary>The name of the client's last message.</summary>
    public string? LastReceived { get; private set; }

    /// <summary>When the client sent it, as a timestamp; 0 before the first message.</summary>
    public long LastReceivedAt { get; private set; }

    /// <summary>
    /// The messages, oldest first. There is no lock, because each message would pay for it. A message that is replaced at this moment may
    /// therefore be shown with the size of the next one.
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
