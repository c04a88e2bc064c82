using System.Buffers;
using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace Integration.Tests;

/// <summary>A client that sends and receives raw bytes, so that tests control every byte.</summary>
internal sealed class WireClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly MemoryStream _unread = new();
    private ReadOnlyMemory<byte> _received;

    private WireClient(Socket socket) => _socket = socket;

    public SecureChannel? Channel { get; private set; }

    public byte[] Init { get; private set; } = [];

    public Socket Socket => _socket;

    public static async Task<WireClient> ConnectAsync(EndPoint endPoint, bool noDelay = true, IPAddress? from = null)
    {
        var unix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(
            unix ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (!unix)
        {
            socket.NoDelay = noDelay;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(endPoint);
        return new WireClient(socket);
    }

    public static async Task<WireClient> ConnectSecureAsync(
        EndPoint endPoint, bool noDelay = true, DateTimeOffset? now = null, IPAddress? from = null)
    {
        var client = await ConnectAsync(endPoint, noDelay, from);
        await client.ShakeHandsAsync(now ?? TimeProvider.System.GetUtcNow());
        return client;
    }

    public async Task ShakeHandsAsync(DateTimeOffset now)
    {
        using var handshake = new ClientHandshake();
        var init = new byte[ClientHandshake.InitLength];
        handshake.WriteInit(init, now);
        Init = Packet(init);
        await SendAsync(Init);
        var response = await ReadPayloadAsync() ?? throw new IOException("The server closed instead of a Response.");
        if (!MessageView.TryDecode(response, out var message) || handshake.ReadResponse(message) != HandshakeStatus.Ok)
        {
            throw new IOException("Not a Response.");
        }

        var confirm = new byte[ClientHandshake.ConfirmLength];
        handshake.WriteConfirm(confirm);
        await SendAsync(Packet(confirm));
        Channel = handshake.CreateChannel();
    }

    public static byte[] Packet(ReadOnlySpan<byte> payload)
    {
        var packet = new byte[PacketHeader.Size + payload.Length];
        PacketHeader.Write(packet, payload.Length);
        payload.CopyTo(packet.AsSpan(PacketHeader.Size));
        return packet;
    }

    public byte[] Encode(params Message[] messages)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var message in messages)
        {
            PacketWriter.Write(output, message, Channel);
        }

        return output.WrittenSpan.ToArray();
    }

    public Task SendAsync(params Message[] messages) => SendAsync(Encode(messages));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>The next message, or null at the end.</summary>
    public async Task<Message?> ReadAsync()
    {
        if (await ReadPayloadAsync() is not { } payload)
        {
            return null;
        }

        if (Channel is not null)
        {
            var opened = new byte[payload.Length - SecureChannel.Overhead];
            Assert.Equal(OpenStatus.Opened, Channel.Open(payload, opened));
            payload = opened;
        }

        Assert.True(MessageView.TryDecode(payload, out var message));
        return message.ToMessage();
    }

    /// <summary>Reads until the server ends the connection. Fails if the server does not end it.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadPayloadAsync() is not null)
        {
        }
    }

    public async Task<byte[]?> ReadPayloadAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        var buffer = new byte[256 * 1024];
        while (true)
        {
            var sequence = new ReadOnlySequence<byte>(_received);
            if (PacketReader.TryRead(ref sequence, PacketHeader.MaxPayloadLength, out var payload) == PacketStatus.Complete)
            {
                var result = payload.ToArray();
                _received = _received[^(int)sequence.Length..];
                return result;
            }

            _unread.SetLength(0);
            _unread.Write(_received.Span);
            do
            {
                int count;
                try
                {
                    count = await _socket.ReceiveAsync(buffer, deadline.Token);
                }
                catch (SocketException)
                {
                    return null;
                }

                if (count == 0)
                {
                    return null;
                }

                _unread.Write(buffer, 0, count);
            }
            while (_socket.Available > 0);

            _received = _unread.ToArray();
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        Channel?.Dispose();
        return ValueTask.CompletedTask;
    }
}
