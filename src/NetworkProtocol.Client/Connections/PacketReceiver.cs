using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>Receives a connection's packets and decodes their messages, until the connection ends.</summary>
/// <param name="input">The bytes of the server.</param>
/// <param name="channel">Opens the packets. Null: the packets are plain.</param>
/// <param name="order">The order of answers, whose first request often has the same text or command as the next message.</param>
/// <param name="onMessage">Called with each message, in order.</param>
/// <param name="onReceived">Called when bytes have arrived.</param>
/// <param name="onEnd">Called with the reason when nothing more is received.</param>
internal sealed class PacketReceiver(
    PipeReader input,
    SecureChannel? channel,
    AnswerOrder order,
    Action<Message> onMessage,
    Action onReceived,
    Action<ProtocolClientException> onEnd)
{
    /// <summary>The size of the read buffer in bytes.</summary>
    public const int BufferSize = 16 * 1024;

    public async Task RunAsync()
    {
        ProtocolClientException reason;
        try
        {
            reason = await ReceiveAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A user's stream (ConnectionOptions.Dial) may throw anything, and the requests must fail.
        catch (Exception e)
#pragma warning restore CA1031
        {
            reason = new ProtocolClientException(ProtocolErrorKind.Closed, $"The connection was lost: {e.Message}", e);
        }

        onEnd(reason);
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

            onReceived();
            var buffer = result.Buffer;
            if (ReadPackets(ref buffer) is { } reason)
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

    /// <summary>Reads all complete packets. Returns the reason to end the connection, or null.</summary>
    private ProtocolClientException? ReadPackets(ref ReadOnlySequence<byte> buffer)
    {
        PacketStatus status;
        while ((status = PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload)) == PacketStatus.Complete)
        {
            if (ReadPacket(payload) is { } reason)
            {
                return reason;
            }
        }

        return status == PacketStatus.Incomplete ? null
            : new ProtocolClientException(ProtocolErrorKind.Protocol, $"The server sent bytes that are not a packet: {status}.");
    }

    private ProtocolClientException? ReadPacket(ReadOnlySequence<byte> payload)
    {
        var scratch = PacketOpener.NeedsScratch(payload, channel) ? ArrayPool<byte>.Shared.Rent((int)payload.Length) : null;
        try
        {
            var status = PacketOpener.Open(payload, channel, scratch, out var bytes);
            if (status != OpenStatus.Opened)
            {
                return new ProtocolClientException(ProtocolErrorKind.Protocol, $"A packet of the server could not be decrypted: {status}.");
            }

            if (!MessageView.TryDecode(bytes, out var view) || view.Tag is >= MessageTag.HandshakeInit and <= MessageTag.HandshakeConfirm)
            {
                return new ProtocolClientException(ProtocolErrorKind.Protocol, "The server sent a message that cannot be decoded.");
            }

            if (view.Tag == MessageTag.Disconnect)
            {
                return new ProtocolClientException(
                    ProtocolErrorKind.Closed, "The server sent Disconnect: requests without an answer were not executed.")
                {
                    IsDisconnect = true,
                };
            }

            onMessage(ToMessage(view, order.FirstMessage));
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

    // An answer with the same text or command as its request shares the request's string.
    private static Message ToMessage(MessageView view, Message? request) => (view.Tag, request) switch
    {
        (MessageTag.Echo, Message.Echo echo) when Ascii.Equals(view.Text, echo.Text) => echo,
        (MessageTag.Custom, Message.Custom custom) when Ascii.Equals(view.Text, custom.Command) =>
            new Message.Custom(custom.Command, view.Body.ToArray()),
        _ => view.ToMessage(),
    };
}
