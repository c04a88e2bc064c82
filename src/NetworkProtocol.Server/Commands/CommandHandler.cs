using System.Buffers;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>Answers a command: a message, or null for no answer.</summary>
/// <param name="context">The request. It is used again for the next one: do not keep it after the answer.</param>
/// <param name="cancellationToken">Cancelled when the request takes too long or the client is gone. Do not keep it after the answer.</param>
public delegate ValueTask<Message?> CommandHandler(CommandContext context, CancellationToken cancellationToken);

/// <summary>
/// Answers a command at once from a payload that it only borrows: nothing is allocated for it, unless a filter or a limit of concurrency stands
/// before it. For commands that are called very often; a handler that waits for something, or that keeps the payload, is a
/// <see cref="CommandHandler"/>.
/// </summary>
/// <param name="context">The request. Its <see cref="CommandContext.Payload"/> is the borrowed one.</param>
/// <param name="payload">The request's bytes, which belong to someone else when the handler has returned.</param>
/// <param name="answer">Takes the answer's bytes, at most as many as a packet can carry.</param>
/// <returns>Whether there is an answer; what was written is its payload.</returns>
public delegate bool BorrowingCommandHandler(CommandContext context, ReadOnlySpan<byte> payload, IBufferWriter<byte> answer);

/// <summary>A command as a class: made for each request, with its dependencies, in a scope of its own.</summary>
public interface ICommandHandler
{
    /// <summary>Answers the command: a message, or null for no answer.</summary>
    ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken);
}

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
