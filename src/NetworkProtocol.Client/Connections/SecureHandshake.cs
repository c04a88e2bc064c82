using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>The client's side of the secure handshake (wire protocol, section 4).</summary>
internal static class SecureHandshake
{
    public static async Task<SecureChannel> CompleteAsync(
        PipeReader input, Stream output, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handshake = new ClientHandshake();
        var init = new byte[ClientHandshake.InitLength];
        handshake.WriteInit(init, time.GetUtcNow());
        await WriteAsync(output, init, cancellationToken).ConfigureAwait(false);

        var status = await ReadResponseAsync(input, handshake, cancellationToken).ConfigureAwait(false);
        if (status != HandshakeStatus.Ok)
        {
            throw new ProtocolClientException(ProtocolErrorKind.Handshake, $"The server's handshake message was not accepted: {status}.");
        }

        var confirm = new byte[ClientHandshake.ConfirmLength];
        handshake.WriteConfirm(confirm);
        await WriteAsync(output, confirm, cancellationToken).ConfigureAwait(false);
        return handshake.CreateChannel();
    }

    private static ValueTask WriteAsync(Stream output, byte[] payload, CancellationToken cancellationToken)
    {
        var packet = new ArrayBufferWriter<byte>(PacketHeader.Size + payload.Length);
        PacketWriter.WriteEncoded(packet, payload, channel: null);
        return output.WriteAsync(packet.WrittenMemory, cancellationToken);
    }

    private static async Task<HandshakeStatus> ReadResponseAsync(
        PipeReader input, ClientHandshake handshake, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            var packet = PacketReader.TryRead(ref buffer, ServerHandshake.MaxPayloadLength, out var payload);
            if (packet == PacketStatus.Complete)
            {
                var status = MessageView.TryDecode(payload.ToArray(), out var message)
                    ? handshake.ReadResponse(message)
                    : HandshakeStatus.Unexpected;
                input.AdvanceTo(buffer.Start);
                return status;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (packet != PacketStatus.Incomplete || result.IsCompleted)
            {
                throw new ProtocolClientException(
                    ProtocolErrorKind.Handshake,
                    result.IsCompleted
                        ? "The server closed the connection: it may require TLS, be full, or reject the time of this machine's clock."
                        : $"The server sent bytes that are not a packet: {packet}.");
            }
        }
    }
}
