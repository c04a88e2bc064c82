using System.Text;
using NetworkProtocol.Messages;

namespace Integration.Tests.Connections;

/// <summary>A request, and the only answer that it may get, or null for none.</summary>
internal sealed record Asked(Message Request, Message? Answer)
{
    private string? Command => (Request as Message.Custom)?.Command;

    /// <summary>Whether it is answered by this. Any command may take longer than it is allowed on a busy machine.</summary>
    public bool IsAnsweredBy(Message message) => message.Equals(Answer) || (Command is not null && IsTooLate(message));

    private bool IsTooLate(Message message) => message is Message.Custom { Command: Message.Custom.ErrorCommand } error
        && Encoding.UTF8.GetString(error.Payload.Span) is var text
        && (text == $"Command {Command} took too long"
            || text == $"Command {Command} was not run: the command before it has not ended yet");
}
