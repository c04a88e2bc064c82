using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Replay;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server.Wire;

/// <summary>
/// The server's side of the secure handshake: reads Init, writes Response, reads Confirm, and refuses a handshake that is repeated. The
/// replay cache remembers the nonce last, so that neither a key of low order nor an Init without a Confirm takes room in it.
/// </summary>
internal sealed class SecureHandshake(IReplayCache replayCache, OpenHandshakes handshakes, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Runs the handshake; returns null, and gives the connection its reason to end, if the handshake fails.</summary>
    public async Task<SecureChannel?> RunAsync(ConnectionContext context, Connection connection)
    {
        using var handshake = new ServerHandshake();
        var status = await ReadAsync(context.Transport.Input, connection, message => handshake.ReadInit(message, time.GetUtcNow()));
        if (status != HandshakeStatus.Ok)
        {
            return Refuse(connection, status);
        }

        ReadOnlyMemory<byte> nonce = handshake.ClientNonce.ToArray();
        if (!handshakes.TryBegin(nonce))
        {
            connection.EndWith(CloseReason.Replay);
            return null;
        }

        try
        {
            return await CompleteAsync(context, connection, handshake, nonce);
        }
        finally
        {
            handshakes.End(nonce);
        }
    }

    private async Task<SecureChannel?> CompleteAsync(
        ConnectionContext context, Connection connection, ServerHandshake handshake, ReadOnlyMemory<byte> nonce)
    {
        var client = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (!IsNew(connection, await replayCache.CheckAsync(nonce, client, CancellationToken.None)))
        {
            return null;
        }

        var output = context.Transport.Output;
        HandshakeStatus? status = WriteResponse(output, handshake);
        if (status != HandshakeStatus.Ok)
        {
            return Refuse(connection, status);
        }

        await output.FlushAsync();
        status = await ReadAsync(context.Transport.Input, connection, handshake.ReadConfirm);
        if (status != HandshakeStatus.Ok)
        {
            return Refuse(connection, status);
        }

        if (!IsNew(connection, await replayCache.RememberAsync(nonce, client, CancellationToken.None)))
        {
            return null;
        }

        QuickAcknowledgement.Request(context);
        return handshake.CreateChannel();
    }

    private bool IsNew(Connection connection, ReplayVerdict verdict)
    {
        if (verdict == ReplayVerdict.Full)
        {
            connection.EndWith(CloseReason.ReplayCacheFull);
            metrics.Rejected(CloseReason.ReplayCacheFull);
        }
        else if (verdict == ReplayVerdict.Seen)
        {
            connection.EndWith(CloseReason.Replay);
        }

        return verdict == ReplayVerdict.New;
    }

    private static HandshakeStatus WriteResponse(PipeWriter output, ServerHandshake handshake)
    {
        Span<byte> response = stackalloc byte[ServerHandshake.ResponseLength];
        var status = handshake.WriteResponse(response);
        if (status == HandshakeStatus.Ok)
        {
            PacketWriter.WriteEncoded(output, response, channel: null);
        }

        return status;
    }

    private delegate HandshakeStatus Step(MessageView message);

    /// <summary>Reads one packet; null if the connection has its reason to end already.</summary>
    private static async Task<HandshakeStatus?> ReadAsync(PipeReader input, Connection connection, Step step)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            var packet = PacketReader.TryRead(ref buffer, ServerHandshake.MaxPayloadLength, out var payload);
            if (packet == PacketStatus.Complete)
            {
                var status = Decode(payload, step);
                input.AdvanceTo(buffer.Start);
                return status;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (packet != PacketStatus.Incomplete || result.IsCompleted)
            {
                connection.EndWith(packet.ToCloseReason());
                return null;
            }
        }
    }

    private static HandshakeStatus Decode(ReadOnlySequence<byte> payload, Step step)
    {
        Span<byte> copy = stackalloc byte[ServerHandshake.MaxPayloadLength];
        payload.CopyTo(copy);
        return MessageView.TryDecode(copy[..(int)payload.Length], out var message) ? step(message) : HandshakeStatus.Unexpected;
    }

    private static SecureChannel? Refuse(Connection connection, HandshakeStatus? status)
    {
        if (status is not null)
        {
            connection.EndWith(CloseReason.HandshakeRefused);
        }

        return null;
    }
}
