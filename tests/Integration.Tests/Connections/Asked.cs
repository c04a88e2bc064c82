using System.Text;
using NetworkProtocol.Messages;

namespace Integration.Tests.Connections;

/// <summary>A request and the only answer that it may get; null for no answer.</summary>
internal sealed record Asked(Message Request, Message? Answer)
{
    private string? Command => (Request as Message.Custom)?.Command;

    /// <summary>Whether the message answers the request. On a busy machine, any command may exceed its timeout.</summary>
    public bool IsAnsweredBy(Message message) => message.Equals(Answer) || (Command is not null && IsTooLate(message));

    private bool IsTooLate(Message message) => message is Message.Custom { Command: Message.Custom.ErrorCommand } error
        && Encoding.UTF8.GetString(error.Payload.Span) is var text
        && (text == $"Command {Command} took too long"
            || text == $"Command {Command} was not run: the command before it has not ended yet");
}
