using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Connections;

/// <summary>What is remembered of a message: never what it said.</summary>
/// <param name="At">When, as a timestamp of the server's <see cref="TimeProvider"/>.</param>
/// <param name="Name">Its command, or its kind in capitals.</param>
/// <param name="Bytes">The packet's length.</param>
/// <param name="Sent">Whether the server sent it.</param>
public readonly record struct RecentMessage(long At, string Name, int Bytes, bool Sent);

/// <summary>What messages are called in lists.</summary>
internal static class MessageNames
{
    /// <summary>Stands for a command that nobody mapped: what a client calls it is not remembered.</summary>
    public const string UnknownCommand = "UNKNOWN_COMMAND";

    private static readonly string[] Names = [.. Enum.GetNames<MessageTag>().Select(name => name.ToUpperInvariant())];

    public static string Of(MessageTag tag) => Names[(int)tag];

    public static string Of(Message message) => message is Message.Custom custom ? custom.Command : Of(message.Tag);
}

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
