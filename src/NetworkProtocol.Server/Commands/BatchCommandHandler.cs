using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Answers requests that a client has sent without waiting, together: for a handler whose work costs little more for many than for one, as
/// a write to a disk. What has arrived when the handler is called is one batch: 1 to 1,000 requests of one connection, with at most 64 KiB
/// of payload (128 bytes are added for each request) unless one request has more. After a secure handshake each request is a batch of its
/// own.
/// </summary>
/// <param name="context">The first request. Its payload is the first of <paramref name="payloads"/>.</param>
/// <param name="payloads">The payloads in the order of the requests. The handler may keep them.</param>
/// <param name="cancellationToken">Cancelled when the batch takes too long or the client is gone.</param>
/// <returns>
/// The answers in the same order, as many as there are payloads; null for no answer. If the handler throws, each request gets ERROR.
/// </returns>
public delegate ValueTask<IReadOnlyList<Message?>> BatchCommandHandler(
    CommandContext context, IReadOnlyList<ReadOnlyMemory<byte>> payloads, CancellationToken cancellationToken);
