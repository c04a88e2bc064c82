using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using NetworkProtocol.Client.Tls;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace NetworkProtocol.Client.Connections;

/// <summary>From an address to a stream, and through the secure handshake.</summary>
internal static class Connector
{
    /// <exception cref="ProtocolClientException">What went wrong, in the family's words.</exception>
    public static async Task<(Stream Stream, PipeReader Input, SecureChannel? Channel)> ConnectAsync(
        ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await DialAsync(address, options, either.Token).ConfigureAwait(false);
            var input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: PacketReceiver.BufferSize, leaveOpen: true));
            var channel = options.TransportTo(address) == ClientTransport.SecureHandshake
                ? await ShakeHandsAsync(input, stream, options.TimeProvider, either.Token).ConfigureAwait(false)
                : null;
            return (stream, input, channel);
        }
        catch (Exception e)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
            throw e switch
            {
                OperationCanceledException when cancellationToken.IsCancellationRequested => e,
                _ when timeout.IsCancellationRequested => // .NET may tell of a cancelled connect in other words
                    new ProtocolClientException(ProtocolErrorKind.Timeout, $"No connection to {address} within {options.ConnectTimeout}.", e),
                SocketException or IOException when stream is null =>
                    new ProtocolClientException(ProtocolErrorKind.Connect, $"Cannot connect to {address}: {e.Message.TrimEnd('.')}.", e),
                IOException => new ProtocolClientException(ProtocolErrorKind.Handshake, $"{address} ended the handshake: {e.Message}", e),
                ProtocolClientException => e,
                _ => new ProtocolClientException(ProtocolErrorKind.Connect, $"Cannot connect to {address}: {e.Message}", e), // of Dial
            };
        }
    }

    private static async Task<Stream> DialAsync(ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        var stream = options.Dial is { } dial
            ? await dial(address, cancellationToken).ConfigureAwait(false)
            : new NetworkStream(await ConnectSocketAsync(address, cancellationToken).ConfigureAwait(false), ownsSocket: true);
        if (options.TransportTo(address) != ClientTransport.Tls)
        {
            return stream;
        }

        try
        {
            return await TlsConnector.ConnectAsync(stream, address, options.Tls, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<SecureChannel> ShakeHandsAsync(
        PipeReader input, Stream output, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handshake = new ClientHandshake();
        var init = new byte[ClientHandshake.InitLength];
        handshake.WriteInit(init, time.GetUtcNow());
        await WriteAsync(output, init, cancellationToken).ConfigureAwait(false);

        var status = await ReadResponseAsync(input, handshake, cancellationToken).ConfigureAwait(false);
        if (status != HandshakeStatus.Ok)
        {
            throw new ProtocolClientException(ProtocolErrorKind.Handshake, $"The server's handshake is not acceptable: {status}.");
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
            if (address.IsUnix)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.UnixPath), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellationToken).ConfigureAwait(false);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
