namespace NetworkProtocol.Server.Push;

/// <summary>What becomes of a message for a client whose outbox is full: 256 messages, or 1 MiB.</summary>
public enum WhenFull
{
    /// <summary>
    /// The oldest messages in it are dropped, and counted. A client that takes nothing at all ends as a slow reader even so, after
    /// <see cref="ServerOptions.SlowReaderTimeout"/>.
    /// </summary>
    DropOldest,

    /// <summary>The connection ends as a slow reader.</summary>
    Disconnect,
}
