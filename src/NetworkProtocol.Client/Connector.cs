using System.IO.Pipelines;
using System.Net.Sockets;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client;

/// <summary>From an address to a stream, and through the secure handshake.</summary>
internal static class Connector
{
    public static async Task<Stream> ConnectAsync(ServerAddress address, ClientOptions options, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(await ConnectSocketAsync(address, cancellationToken), ownsSocket: true);
        if (address.IsUnix || options.Transport == ClientTransport.SecureHandshake)
        {
            return stream;
        }

        try
        {
            return await TlsConnector.ConnectAsync(stream, address, options, cancellationToken);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public static async Task<SecureChannel> ShakeHandsAsync(
        PipeReader input, PipeWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handshake = new ClientHandshake();
        var init = new byte[ClientHandshake.InitLength];
        handshake.WriteInit(init, time.GetUtcNow());
        PacketWriter.WriteEncoded(output, init, channel: null);
        await output.FlushAsync(cancellationToken);

        var status = await ReadResponseAsync(input, handshake, cancellationToken);
        if (status != HandshakeStatus.Ok)
        {
            throw new ProtocolClientException(ProtocolErrorKind.Handshake, $"The server's handshake is not acceptable: {status}.");
        }

        var confirm = new byte[ClientHandshake.ConfirmLength];
        handshake.WriteConfirm(confirm);
        PacketWriter.WriteEncoded(output, confirm, channel: null);
        await output.FlushAsync(cancellationToken);
        return handshake.CreateChannel();
    }

    private static async Task<HandshakeStatus> ReadResponseAsync(
        PipeReader input, ClientHandshake handshake, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var packet = PacketReader.TryRead(ref buffer, ServerHandshake.MaxPayloadLength, out var payload);
            if (packet == PacketStatus.Complete)
            {
                var status = MessageView.TryDecode(System.Buffers.BuffersExtensions.ToArray(payload), out var message)
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
                    result.IsCompleted ? "The server closed the connection: it may ask for TLS, be full, or refuse this clock's time." : $"The server sent something else than packets: {packet}.");
            }
        }
    }

    private static async Task<Socket> ConnectSocketAsync(ServerAddress address, CancellationToken cancellationToken)
    {
        var socket = address.IsUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (address.IsUnix
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(address.UnixPath), cancellationToken)
                : socket.ConnectAsync(address.Host, address.Port, cancellationToken));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
