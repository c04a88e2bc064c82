using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Stands before a command's handler: looks at the request, answers it itself or lets the next one answer, and looks at the answer.
/// Filters run in the order in which they were added, those of a group first.
/// </summary>
public interface ICommandFilter
{
    /// <summary>Answers the request, as a rule by calling <paramref name="next"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The next filter, or the handler.</param>
    /// <param name="cancellationToken">Cancelled when the request takes too long or the client is gone.</param>
    ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken);
}
