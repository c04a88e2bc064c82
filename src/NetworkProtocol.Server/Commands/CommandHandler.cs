using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>Answers a command: a message, or null for no answer.</summary>
/// <param name="context">The request. The object serves the next request, too: do not keep it after the answer.</param>
/// <param name="cancellationToken">
/// Cancelled when the request takes too long or the client is gone. Do not keep it after the answer.
/// </param>
public delegate ValueTask<Message?> CommandHandler(CommandContext context, CancellationToken cancellationToken);
