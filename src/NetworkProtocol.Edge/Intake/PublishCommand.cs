using System.Globalization;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Commands;

namespace NetworkProtocol.Edge.Intake;

/// <summary>The command <c>PUBLISH</c> of sensors. Its answer, the sequence number, comes when the message is on the disk.</summary>
internal sealed class PublishCommand(MessageBuffer buffer, TimeProvider time)
{
    public async ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var sequence = await buffer.AppendAsync(Resolve(Publication.Read(context.Payload)), cancellationToken);
            return context.Reply(sequence.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is EncodingException or BufferException)
        {
            return Message.Custom.Error(e.Message);
        }
    }

    private BufferedMessage Resolve(Publication publication)
    {
        var now = time.GetUtcNow();
        return new BufferedMessage(
            publication.Lane,
            (publication.Time ?? now).ToUnixTimeMilliseconds(),
            publication.TimeToLive is { } timeToLive ? (now + timeToLive).ToUnixTimeMilliseconds() : null,
            publication.Topic,
            publication.Payload);
    }
}
