using System.Buffers;
using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace Benchmarks.Load;

/// <summary>A client that costs as little as possible. It counts answers by their length and follows each read with one write.</summary>
internal sealed class LoadConnection(Socket socket, SecureChannel? channel) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _requests = new();
    private byte[] _answers = [];

    public long Answered { get; private set; }

    /// <summary>Connects with blocking calls, because a socket that was used asynchronously once only emulates blocking.</summary>
    public static Task<LoadConnection> ConnectAsync(EndPoint endPoint, bool secure, IPAddress? from = null) => Task.Run(() =>
    {
        var unix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (!unix)
        {
            socket.NoDelay = true;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        socket.Connect(endPoint);
        return new LoadConnection(socket, secure ? ShakeHands(socket) : null);
    });

    /// <summary>
    /// Keeps <paramref name="depth"/> requests in flight until the token is cancelled, then receives the remaining answers.
    /// </summary>
    public async Task RunAsync(byte[] encoded, int depth, CancellationToken end)
    {
        var answer = PacketHeader.Size + encoded.Length + (channel is null ? 0 : SecureChannel.Overhead);
        _answers = new byte[Math.Max(64 * 1024, answer)];
        await WriteAsync(encoded, depth);
        for (int inFlight = depth, partial = 0; inFlight > 0;)
        {
            // The loop receives all answers that are in flight.
            var count = await socket.ReceiveAsync(_answers.AsMemory(), CancellationToken.None);
            if (count == 0)
            {
                throw new IOException("The server closed a connection under load.");
            }

            var complete = (partial + count) / answer;
            partial = (partial + count) % answer;
            Answered += complete;
            inFlight -= complete;
            if (complete > 0 && !end.IsCancellationRequested)
            {
                await WriteAsync(encoded, complete);
                inFlight += complete;
            }
        }
    }

    /// <summary>Sends one request and does not read the answer.</summary>
    public async Task SendAsync(byte[] encoded, CancellationToken cancellationToken)
    {
        Encode(encoded, 1);
        for (var rest = _requests.WrittenMemory; !rest.IsEmpty;)
        {
            rest = rest[await socket.SendAsync(rest, cancellationToken)..];
        }
    }

    /// <summary>Sends one request and receives its answer.</summary>
    public async Task ExchangeAsync(byte[] encoded)
    {
        var answer = PacketHeader.Size + encoded.Length + (channel is null ? 0 : SecureChannel.Overhead);
        if (_answers.Length < answer)
        {
            _answers = new byte[answer];
        }

        await WriteAsync(encoded, 1);
        for (var received = 0; received < answer;)
        {
            var count = await socket.ReceiveAsync(_answers.AsMemory(received, answer - received));
            received += count > 0 ? count : throw new IOException("The server closed a connection under load.");
        }

        Answered++;
    }

    /// <summary>Receives a pushed message of this length.</summary>
    public async Task ReceiveAsync(int encoded)
    {
        var length = PacketHeader.Size + encoded + (channel is null ? 0 : SecureChannel.Overhead);
        var message = new byte[length];
        for (var received = 0; received < length;)
        {
            var count = await socket.ReceiveAsync(message.AsMemory(received));
            received += count > 0 ? count : throw new IOException("The server closed a connection under load.");
        }
    }

    /// <summary>
    /// Sends one request after the other with blocking calls, which gives the least latency that a client can see. Returns sorted
    /// microseconds.
    /// </summary>
    public Task<double[]> MeasureLatencyAsync(byte[] encoded, int requests) => Task.Factory.StartNew(
        // On a thread of its own, because a thread that completes socket operations inline must never block.
        () => MeasureLatency(encoded, requests),
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private double[] MeasureLatency(byte[] encoded, int requests)
    {
        var answer = PacketHeader.Size + encoded.Length + (channel is null ? 0 : SecureChannel.Overhead);
        var buffer = new byte[answer];
        var took = new double[requests];
        for (var i = 0; i < requests; i++)
        {
            Encode(encoded, 1);
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            socket.Send(_requests.WrittenSpan);
            for (var received = 0; received < answer;)
            {
                var count = socket.Receive(buffer.AsSpan(received));
                received += count > 0 ? count : throw new IOException("The server closed a connection.");
            }

            took[i] = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        }

        Array.Sort(took);
        return took;
    }

    /// <summary>The connection as a stream. Closing the stream closes the connection.</summary>
    public Stream TakeStream() => new NetworkStream(socket, ownsSocket: true);

    public void Dispose()
    {
        socket.Dispose();
        channel?.Dispose();
    }

    private static SecureChannel ShakeHands(Socket socket)
    {
        using var handshake = new ClientHandshake();
        var init = new byte[PacketHeader.Size + ClientHandshake.InitLength];
        PacketHeader.Write(init, ClientHandshake.InitLength);
        handshake.WriteInit(init.AsSpan(PacketHeader.Size), TimeProvider.System.GetUtcNow());
        socket.Send(init);
        var response = new byte[PacketHeader.Size + ServerHandshake.ResponseLength];
        for (var received = 0; received < response.Length;)
        {
            var count = socket.Receive(response.AsSpan(received));
            received += count > 0 ? count : throw new IOException("The server refused the handshake.");
        }

        if (!MessageView.TryDecode(response.AsSpan(PacketHeader.Size), out var message)
            || handshake.ReadResponse(message) != HandshakeStatus.Ok)
        {
            throw new IOException("The server's Response is not good.");
        }

        var confirm = new byte[PacketHeader.Size + ClientHandshake.ConfirmLength];
        PacketHeader.Write(confirm, ClientHandshake.ConfirmLength);
        handshake.WriteConfirm(confirm.AsSpan(PacketHeader.Size));
        socket.Send(confirm);
        return handshake.CreateChannel();
    }

    private async ValueTask WriteAsync(byte[] encoded, int count)
    {
        Encode(encoded, count);
        for (var rest = _requests.WrittenMemory; !rest.IsEmpty;)
        {
            rest = rest[await socket.SendAsync(rest)..];
        }
    }

    private void Encode(byte[] encoded, int count)
    {
        _requests.ResetWrittenCount();
        for (var i = 0; i < count; i++)
        {
            PacketWriter.WriteEncoded(_requests, encoded, channel);
        }
    }
}
