using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>The connection's way in: bytes to messages, until the end.</summary>
internal sealed class PacketReceiver(
    PipeReader input, SecureChannel? channel, AnswerOrder order, Action<Message> take, Action arrived, Action<ProtocolClientException> end)
{
    /// <summary>Bytes that one read takes at most.</summary>
    public const int BufferSize = 16 * 1024;

    public async Task RunAsync()
    {
        ProtocolClientException reason;
        try
        {
            reason = await ReceiveAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A stream of another's making (ConnectionOptions.Dial) may fail with anything, and the requests must be told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            reason = new ProtocolClientException(ProtocolErrorKind.Closed, $"The connection was lost: {e.Message}", e);
        }

        end(reason);
        await input.CompleteAsync().ConfigureAwait(false);
    }

    private async Task<ProtocolClientException> ReceiveAsync()
    {
        while (true)
        {
            var result = await input.ReadAsync().ConfigureAwait(false);
            if (result.IsCanceled)
            {
                return new ProtocolClientException(ProtocolErrorKind.Closed, "The connection was closed by this side.");
            }

            arrived();
            var buffer = result.Buffer;
            if (TakeAll(ref buffer) is { } reason)
            {
                return reason;
            }

            var rest = !buffer.IsEmpty;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return rest
                    ? new ProtocolClientException(ProtocolErrorKind.Closed, "The connection ended inside a packet.")
                    : new ProtocolClientException(ProtocolErrorKind.Closed, "The server closed the connection.");
            }
        }
    }

    /// <summary>Takes all whole packets; a reason to end, or null.</summary>
    private ProtocolClientException? TakeAll(ref ReadOnlySequence<byte> buffer)
    {
        PacketStatus status;
        while ((status = PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload)) == PacketStatus.Complete)
        {
            if (TakeOne(payload) is { } reason)
            {
                return reason;
            }
        }

        return status == PacketStatus.Incomplete ? null
            : new ProtocolClientException(ProtocolErrorKind.Protocol, $"The server sent something else than packets: {status}.");
    }

    private ProtocolClientException? TakeOne(ReadOnlySequence<byte> payload)
    {
        var scratch = PacketOpener.NeedsScratch(payload, channel) ? ArrayPool<byte>.Shared.Rent((int)payload.Length) : null;
        try
        {
            var status = PacketOpener.Open(payload, channel, scratch, out var bytes);
            if (status != OpenStatus.Opened)
            {
                return new ProtocolClientException(ProtocolErrorKind.Protocol, $"A packet of the server could not be opened: {status}.");
            }

            if (!MessageView.TryDecode(bytes, out var view) || view.Tag is >= MessageTag.HandshakeInit and <= MessageTag.HandshakeConfirm)
            {
                return new ProtocolClientException(ProtocolErrorKind.Protocol, "The server sent a message that does not decode.");
            }

            if (view.Tag == MessageTag.Disconnect)
            {
                return new ProtocolClientException(
                    ProtocolErrorKind.Closed, "The server sent Disconnect: requests without an answer were not executed.") { IsGoodbye = true };
            }

            take(ToMessage(view, order.FirstAsked));
            return null;
        }
        finally
        {
            if (scratch is not null)
            {
                ArrayPool<byte>.Shared.Return(scratch);
            }
        }
    }

    // An answer that repeats its request's text or command shares the string.
    private static Message ToMessage(MessageView view, Message? asked) => (view.Tag, asked) switch
    {
        (MessageTag.Echo, Message.Echo echo) when Ascii.Equals(view.Text, echo.Text) => echo,
        (MessageTag.Custom, Message.Custom custom) when Ascii.Equals(view.Text, custom.Command) =>
            new Message.Custom(custom.Command, view.Body.ToArray()),
        _ => view.ToMessage(),
    };
}
