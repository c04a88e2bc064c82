using System.Globalization;
using System.Text;
using System.Threading.Channels;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;
using NetworkProtocol.Server.Commands;

namespace NetworkProtocol.Edge.Intake;

/// <summary>The command <c>PUBLISH</c> of sensors. Its answer, the sequence number, comes when the message is on the disk.</summary>
internal sealed class PublishCommand(MessageBuffer buffer, TimeProvider time)
{
    public async ValueTask<IReadOnlyList<Message?>> HandleAsync(
        CommandContext context, IReadOnlyList<ReadOnlyMemory<byte>> payloads, CancellationToken cancellationToken)
    {
        // All go to the buffer before the first is awaited, so that one commit serves them all. Each goes there in its turn, so that they
        // keep their order.
        var answers = new Task<Message>[payloads.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = AnswerAsync(context.Command, payloads[i], cancellationToken);
        }

        return await Task.WhenAll(answers);
    }

    private async Task<Message> AnswerAsync(string command, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        try
        {
            var sequence = await buffer.AppendAsync(
                BufferedMessage.Of(Publication.Read(payload), time.GetUtcNow()), cancellationToken);
            return new Message.Custom(command, Encoding.UTF8.GetBytes(sequence.ToString(CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (e is EncodingException or BufferException)
        {
            return Message.Custom.Error(e.Message);
        }
        catch (ChannelClosedException)
        {
            return Message.Custom.Error("The message is not durable: the edge stops");
        }
    }
}
