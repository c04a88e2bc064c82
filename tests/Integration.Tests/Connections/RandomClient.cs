using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;
using NetworkProtocol.Security;

namespace Integration.Tests.Connections;

/// <summary>
/// Sends its requests in random chunks without waiting, and compares each received message with the expected answer.
/// </summary>
internal sealed class RandomClient : IAsyncDisposable
{
    private const int ShortChunk = 100;
    private const int LongChunk = 100_000;

    private readonly WireClient _wire;
    private readonly PipeReader _input;
    private readonly Random _random;
    private readonly Queue<Asked> _due;
    private readonly byte[] _bytes;
    private readonly int _threshold;
    private readonly bool _isPolite;
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLetGo;

    private RandomClient(WireClient wire, Random random, Ending ending)
    {
        (_wire, _random, Ending) = (wire, random, ending);
        _input = PipeReader.Create(new NetworkStream(wire.Socket)); // created here, because a stream refuses a half-closed socket
        var asked = Traffic.Create(random);
        _due = new Queue<Asked>(asked);
        _threshold = random.Next(asked.Length);
        _isPolite = random.Next(8) != 0;
        IEnumerable<Message> requests = asked.Select(one => one.Request);
        _bytes = wire.Encode([.. ending == Ending.Disconnect ? requests.Append(new Message.Disconnect()) : requests]);
    }

    public Ending Ending { get; }

    public IPEndPoint Address => (IPEndPoint)_wire.Socket.LocalEndPoint!;

    /// <summary>Completes at a random moment: after a random number of answers, or when no more answers come.</summary>
    public Task Reached => _reached.Task;

    public int Answered { get; private set; }

    public bool WasToldDisconnect { get; private set; }

    /// <summary>The first unexpected message, or null.</summary>
    public string? Fault { get; private set; }

    public bool HasAllAnswers => _due.All(asked => asked.Answer is null);

    public override string ToString() =>
        $"{Ending}: {Answered} answers, {_due.Count} due, {(WasToldDisconnect ? "told Disconnect" : "")} {Fault}";

    public static async Task<RandomClient> ConnectAsync(EndPoint server, IPAddress from, Random random, Ending ending) =>
        new(await WireClient.ConnectSecureAsync(server, from: from), random, ending);

    public async Task RunAsync()
    {
        var sending = SendAsync();
        try
        {
            await ReadAsync();
        }
        finally
        {
            _reached.TrySetResult();
        }

        await sending;
    }

    /// <summary>Ends the connection without a further message.</summary>
    public void Close(bool byReset)
    {
        _isLetGo = true;
        if (byReset)
        {
            _wire.Socket.LingerState = new LingerOption(true, 0);
        }

        _wire.Socket.Dispose();
    }

    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private async Task SendAsync()
    {
        try
        {
            for (var sent = 0; sent < _bytes.Length;)
            {
                var length = Math.Min(_bytes.Length - sent, 1 + _random.Next(_random.Next(4) == 0 ? ShortChunk : LongChunk));
                await _wire.SendAsync(_bytes.AsMemory(sent, length));
                sent += length;
            }

            if (Ending == Ending.HalfClose)
            {
                _wire.Socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            for (var isOver = false; !isOver;)
            {
                var result = await _input.ReadAsync();
                var buffer = result.Buffer;
                while (Fault is null
                    && PacketReader.TryRead(ref buffer, PacketHeader.MaxPayloadLength, out var payload) == PacketStatus.Complete)
                {
                    Take(Open(payload));
                }

                isOver = result.IsCompleted || Fault is not null;
                _input.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private Message? Open(ReadOnlySequence<byte> payload)
    {
        var opened = new byte[payload.Length - SecureChannel.Overhead];
        return _wire.Channel!.Open(payload.ToArray(), opened) == OpenStatus.Opened && MessageView.TryDecode(opened, out var message)
            ? message.ToMessage()
            : null;
    }

    private void Take(Message? message)
    {
        if (_isLetGo || message is Message.Ping) // no request waits for messages before the abort, and the server may send a Ping
        {
            return;
        }

        while (message is not null && _due.TryPeek(out var next) && next.Answer is null && !next.IsAnsweredBy(message))
        {
            Count();
        }

        if (WasToldDisconnect)
        {
            Fault = $"{message} after Disconnect";
        }
        else if (message is Message.Disconnect)
        {
            WasToldDisconnect = true;
            if (_isPolite) // otherwise the server waits for some time
            {
                _wire.Socket.Shutdown(SocketShutdown.Send);
            }
        }
        else if (message is not null && _due.TryPeek(out var asked) && asked.IsAnsweredBy(message))
        {
            Count();
        }
        else
        {
            Fault = $"{message} came as answer {Answered} in place of {(_due.TryPeek(out var due) ? due.Answer : null)}";
        }
    }

    private void Count()
    {
        _due.Dequeue();
        if (++Answered >= _threshold)
        {
            _reached.TrySetResult();
        }
    }
}
