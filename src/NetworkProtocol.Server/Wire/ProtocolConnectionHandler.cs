using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Push;
using NetworkProtocol.Server.Replay;

namespace NetworkProtocol.Server.Wire;

/// <summary>One connection's story: handshake, then messages until an end.</summary>
internal sealed class ProtocolConnectionHandler(
    Dispatcher dispatcher, Groups groups, IReplayCache replayCache, OpenHandshakes handshakes, BufferBudget budget, ServerMetrics metrics,
    ErrorLog errors, TimeProvider time) : ConnectionHandler
{
    private const SocketOptionLevel TcpLevel = SocketOptionLevel.Tcp;
    private const int QuickAck = 12;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var self = connection.Features.Get<Connection>()!;
        self.Input = connection.Transport.Input;
        SecureChannel? channel = null;
        try
        {
            if (self.Transport == ConnectionTransport.Secure && (channel = await ShakeHandsAsync(connection, self)) is null)
            {
                return;
            }

            self.LastReceived = self.LastSent = time.GetTimestamp();
            self.Established = true;
            if (self.Transport != ConnectionTransport.Local)
            {
                metrics.Handshake(good: true); // ConnectionGate counts the others
            }

            if (self.DisconnectReason != CloseReason.None)
            {
                self.WakeLoop(); // it was asked while it shook hands, which reads on
            }

            using var gone = connection.ConnectionClosed.UnsafeRegister(_ => self.EndIfReset(), null);
            using var share = new BufferShare(budget, self);
            var input = new PacketInput(connection.Transport.Input, self, share, time);
            var output = new PacketOutput(connection.Transport.Output, self, channel, share, metrics, time);
            using var loop = new MessageLoop(self, channel, input, output, share, dispatcher, metrics, errors, time);
            await loop.RunAsync();
        }
        finally
        {
            groups.Forget(self);
            self.Input = null;
            channel?.Dispose();
        }
    }

    private async Task<SecureChannel?> ShakeHandsAsync(ConnectionContext context, Connection connection)
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

    // The nonce is remembered last: a key of low order, or an Init that nobody confirms, takes no room.
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

        AcknowledgeNow(context);
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

    private static HandshakeStatus WriteResponse(System.IO.Pipelines.PipeWriter output, ServerHandshake handshake)
    {
        Span<byte> response = stackalloc byte[ServerHandshake.ResponseLength];
        var status = handshake.WriteResponse(response);
        if (status == HandshakeStatus.Ok)
        {
            PacketWriter.WriteEncoded(output, response, channel: null);
        }

        return status;
    }

    private delegate HandshakeStatus Step(Messages.MessageView message);

    /// <summary>Reads one packet; null if the connection has its reason to end already.</summary>
    private static async Task<HandshakeStatus?> ReadAsync(System.IO.Pipelines.PipeReader input, Connection connection, Step step)
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
                connection.EndWith(MessageLoop.ReasonFor(packet));
                return null;
            }
        }
    }

    private static HandshakeStatus Decode(System.Buffers.ReadOnlySequence<byte> payload, Step step)
    {
        Span<byte> copy = stackalloc byte[ServerHandshake.MaxPayloadLength];
        System.Buffers.BuffersExtensions.CopyTo(payload, copy);
        return Messages.MessageView.TryDecode(copy[..(int)payload.Length], out var message) ? step(message) : HandshakeStatus.Unexpected;
    }

    private static SecureChannel? Refuse(Connection connection, HandshakeStatus? status)
    {
        if (status is not null)
        {
            connection.EndWith(CloseReason.HandshakeRefused);
        }

        return null;
    }

    // A client with Nagle's algorithm on holds back its first request until its Confirm is acknowledged. Asking for
    // quick acknowledgement sends one that is due at once (tcp(7), TCP_QUICKACK); it does not last.
    private static void AcknowledgeNow(ConnectionContext context)
    {
        if (OperatingSystem.IsLinux() && context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.SetRawSocketOption((int)TcpLevel, QuickAck, BitConverter.GetBytes(1));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The connection has just ended.
            }
        }
    }
}
