using System.Text;

namespace NetworkProtocol.Server.Push;

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
