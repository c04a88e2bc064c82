namespace NetworkProtocol.Server.Push;

/// <summary>What happens to a message for a client whose outbox is full: 256 messages, or 1 MiB.</summary>
public enum WhenFull
{
    /// <summary>
    /// The outbox drops its oldest messages, and counts them. The connection of a client that reads nothing at all ends as a slow reader in
    /// any case, after <see cref="ServerOptions.SlowReaderTimeout"/>.
    /// </summary>
    DropOldest,

    /// <summary>The connection ends as a slow reader.</summary>
    Disconnect,
}
