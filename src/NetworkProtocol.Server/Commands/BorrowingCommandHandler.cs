using System.Buffers;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Answers a command at once from a payload that it only borrows. Its requests allocate nothing, unless the command has a filter or a limit
/// of concurrency. Use it for commands that are called very often; a handler that waits for something, or that keeps the payload, is a <see
/// cref="CommandHandler"/>.
/// </summary>
/// <param name="context">The request. Its <see cref="CommandContext.Payload"/> is the borrowed one.</param>
/// <param name="payload">The request's bytes. Their buffer is used again once the handler has returned.</param>
/// <param name="answer">Takes the answer's bytes, at most as many as a packet can carry.</param>
/// <returns>Whether there is an answer; what was written is its payload.</returns>
public delegate bool BorrowingCommandHandler(CommandContext context, ReadOnlySpan<byte> payload, IBufferWriter<byte> answer);
