using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Runs before a command's handler: looks at the request, answers it or calls the next filter or handler, and looks at the answer. Filters
/// run in the order in which they were added; the filters of a group come first.
/// </summary>
public interface ICommandFilter
{
    /// <summary>Answers the request, as a rule by calling <paramref name="next"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The next filter, or the handler.</param>
    /// <param name="cancellationToken">Cancelled when the request takes too long or the client is gone.</param>
    ValueTask<Message?> InvokeAsync(CommandContext context, CommandHandler next, CancellationToken cancellationToken);
}
