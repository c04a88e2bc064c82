using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Client.Tests;

/// <summary>
/// A stream on which the test is the server. Its messages come from a pipe, and the client's writes wait until a gate opens.
/// </summary>
internal sealed class GatedStream : Stream
{
    private readonly Pipe _toClient = new();
    private readonly Stream _reading;
    private readonly ArrayBufferWriter<byte> _sent = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GatedStream(bool open)
    {
        _reading = _toClient.Reader.AsStream();
        if (open)
        {
            Open();
        }
    }

    /// <summary>Whether closing the stream throws.</summary>
    public bool FailsToClose { get; init; }

    public bool IsClosed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public int SentBytes
    {
        get
        {
            lock (_sent)
            {
                return _sent.WrittenCount;
            }
        }
    }

    public void Open() => _gate.TrySetResult();

    public async Task SayAsync(params Message[] messages)
    {
        foreach (var message in messages)
        {
            PacketWriter.Write(_toClient.Writer, message, null);
        }

        await _toClient.Writer.FlushAsync();
    }

    public bool HasSent(string text)
    {
        lock (_sent)
        {
            return _sent.WrittenSpan.IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0;
        }
    }

    public Task<ProtocolConnection> ConnectAsync(Action<ConnectionOptions>? configure = null)
    {
        var options = new ConnectionOptions { Transport = ClientTransport.None, Dial = (_, _) => new(this) };
        configure?.Invoke(options);
        return ProtocolConnection.ConnectAsync(ServerAddress.Parse("memory"), options);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _gate.Task;
        lock (_sent)
        {
            _sent.Write(buffer.Span);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reading.ReadAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        IsClosed = true;
        _toClient.Writer.Complete();
        if (FailsToClose)
        {
            throw new IOException("The stream does not close.");
        }

        base.Dispose(disposing);
    }
}
