using System.Text;

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

/// <summary>
/// Sends messages that nobody has asked for. A connection gets some only if a handler has let it: version 1 of the protocol has clients that
/// take the next message for the answer to their request. Each message is delivered at most once; those of one sender arrive in their order.
/// </summary>
public interface IClients
{
    /// <summary>Every connection that takes pushed messages.</summary>
    IClientSet All { get; }

    /// <summary>One connection.</summary>
    /// <param name="key">Its key: <see cref="ServerState.KeyOf"/> gives that of a connection of this node.</param>
    IClientSet Connection(Connections.ConnectionKey key);

    /// <summary>Every connection of a client that takes pushed messages.</summary>
    /// <param name="identity">The client, as <see cref="Connections.ClientIdentity.ToString"/> writes it.</param>
    /// <exception cref="ArgumentException">It has no such form.</exception>
    IClientSet Identity(string identity);

    /// <summary>Every connection in a group.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    IClientSet Group(string name);
}

/// <summary>Some connections, as they are when a message is sent.</summary>
public interface IClientSet
{
    /// <summary>Puts a message into the outbox of each connection, which sends it itself; nobody is waited for.</summary>
    /// <param name="command">The message's command. It must not be one that is mapped: the client could take it for an answer.</param>
    /// <param name="payload">The message's payload.</param>
    /// <param name="whenFull">What becomes of it where the outbox is full.</param>
    /// <param name="cancellationToken">Cancels the call; what is in an outbox stays there.</param>
    /// <returns>How many outboxes have taken it.</returns>
    /// <exception cref="ArgumentException">The command is mapped, <c>ERROR</c>, empty or too long, or the message does not fit into an outbox.</exception>
    ValueTask<int> SendAsync(string command, ReadOnlyMemory<byte> payload, WhenFull whenFull = WhenFull.DropOldest, CancellationToken cancellationToken = default);

    /// <summary>The same with a payload of text, in UTF-8.</summary>
    ValueTask<int> SendAsync(string command, string text, WhenFull whenFull = WhenFull.DropOldest, CancellationToken cancellationToken = default) =>
        SendAsync(command, Encoding.UTF8.GetBytes(text), whenFull, cancellationToken);
}

/// <summary>The groups of one connection, which it leaves when it ends.</summary>
public interface IConnectionGroups
{
    /// <summary>Joins a group; the connection takes pushed messages from then on.</summary>
    /// <param name="name">1 to 128 characters.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    /// <exception cref="InvalidOperationException">The connection is in 100 groups already.</exception>
    ValueTask AddAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Leaves a group; nothing happens if the connection is not in it.</summary>
    ValueTask RemoveAsync(string name, CancellationToken cancellationToken = default);
}
