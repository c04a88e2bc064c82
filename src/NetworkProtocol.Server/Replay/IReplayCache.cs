using System.Net;

namespace NetworkProtocol.Server.Replay;

/// <summary>
/// Remembers the nonces of handshakes for as long as their timestamps could be accepted again: 32 s (wire protocol, section 6). The server
/// calls the cache twice in a handshake: when the Init arrives, and when the handshake is complete. The client waits during both calls. The
/// handshake's timeout aborts the connection but does not cancel the call, so an implementation that asks another machine needs a timeout
/// of its own.
/// </summary>
public interface IReplayCache
{
    /// <summary>
    /// Judges an Init before the server computes anything for it, and remembers nothing. The verdict may be wrong in the client's favour,
    /// for example if the implementation looks only at this node's memory, because <see cref="RememberAsync"/> decides.
    /// </summary>
    /// <param name="nonce">The client's nonce, 16 bytes.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<ReplayVerdict> CheckAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers the nonce of a handshake whose key is good and whose Confirm has arrived. Of several calls with one nonce, on all nodes
    /// that share the cache, exactly one gets <see cref="ReplayVerdict.New"/>.
    /// </summary>
    /// <param name="nonce">The client's nonce, 16 bytes.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<ReplayVerdict> RememberAsync(ReadOnlyMemory<byte> nonce, IPAddress client, CancellationToken cancellationToken);
}
