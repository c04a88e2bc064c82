using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Commands;

/// <summary>A command as a class. An object is created for each request, with its dependencies, in a scope of its own.</summary>
public interface ICommandHandler
{
    /// <summary>Answers the command: a message, or null for no answer.</summary>
    ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken);
}
