using System.Text;

namespace NetworkProtocol.Server.Push;

/// <summary>A set of connections, which is evaluated when a message is sent.</summary>
public interface IClientSet
{
    /// <summary>Puts a message into the outbox of each connection, whose own loop sends it. The call does not wait for that.</summary>
    /// <param name="command">
    /// The message's command. It must not be a mapped command, because the client could take the message for an answer.
    /// </param>
    /// <param name="payload">The message's payload.</param>
    /// <param name="whenFull">What happens if an outbox is full.</param>
    /// <param name="cancellationToken">Cancels the call. Messages in an outbox stay there.</param>
    /// <returns>How many outboxes have taken the message.</returns>
    /// <exception cref="ArgumentException">
    /// The command is mapped, <c>ERROR</c>, empty or too long, or the message does not fit into an outbox.
    /// </exception>
    ValueTask<int> SendAsync(
        string command,
        ReadOnlyMemory<byte> payload,
        WhenFull whenFull = WhenFull.DropOldest,
        CancellationToken cancellationToken = default);

    /// <summary>The same with a payload of text, in UTF-8.</summary>
    ValueTask<int> SendAsync(
        string command, string text, WhenFull whenFull = WhenFull.DropOldest, CancellationToken cancellationToken = default) =>
        SendAsync(command, Encoding.UTF8.GetBytes(text), whenFull, cancellationToken);
}
