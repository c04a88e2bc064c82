using System.Net;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// Remembers the nonces of handshakes for as long as their timestamps could be accepted again: 32 s (wire protocol, section 6).
/// It is asked twice: when an Init comes, and when the handshake is complete. Both answers come while a client waits, and the
/// handshake's deadline cuts the connection but does not end the call, so an implementation that asks another machine bounds its own time.
/// </summary>
public interface IReplayCache
{
    /// <summary>
    /// Judges an Init before the server computes anything for it, and remembers nothing. It may be wrong in the client's favour,
    /// as one that looks at this node's memory alone: <see cref="RememberAsync"/> decides.
    /// </summary>
    /// <param name="nonce">The client's nonce, 16 bytes.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<ReplayVerdict> CheckAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers the nonce of a handshake whose key is good and whose Confirm has come. Of several calls with one nonce,
    /// on all nodes that share the cache, exactly one is told <see cref="ReplayVerdict.New"/>.
    /// </summary>
    /// <param name="nonce">The client's nonce, 16 bytes.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<ReplayVerdict> RememberAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken);
}
