using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>
/// A stream that acts as a server. It answers each request at once and in order, and can hold all answers back until many requests have
/// come. The test can make it fail.
/// </summary>
internal sealed class AnsweringStream : Stream
{
    private readonly Pipe _answers = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Stream _reading;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _heldAgain = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _reached;
    private readonly long _threshold;
    private long _read;
    private volatile bool _failsToWrite;
    private volatile bool _failsToRead;

    /// <param name="reached">Set when the client has read that many bytes. The rest is then held back again.</param>
    /// <param name="threshold">The number of bytes.</param>
    public AnsweringStream(ManualResetEventSlim reached, long threshold)
    {
        (_reached, _threshold) = (reached, threshold);
        _reading = _answers.Reader.AsStream();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void LetGo() => _held.TrySetResult();

    public void LetGoAgain() => _heldAgain.TrySetResult();

    public void FailWrites() => _failsToWrite = true;

    public void FailReads() => _failsToRead = true;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_failsToWrite)
        {
            throw new IOException("The write has failed.");
        }

        var packets = new ReadOnlySequence<byte>(buffer); // complete packets, because the client writes no others
        var start = packets;
        while (PacketReader.TryRead(ref packets, PacketHeader.MaxPayloadLength, out var payload) == PacketStatus.Complete)
        {
            Answer(start.Slice(0, packets.Start), payload);
            start = packets;
        }

        await _answers.Writer.FlushAsync(cancellationToken);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _held.Task;
        var count = _failsToRead ? throw new IOException("The read has failed.") : await _reading.ReadAsync(buffer, cancellationToken);
        _read += count;
        if (_read >= _threshold)
        {
            _reached.Set();
            await _heldAgain.Task;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        LetGo();
        LetGoAgain();
        _failsToRead = true;
        base.Dispose(disposing);
    }

    private void Answer(ReadOnlySequence<byte> packet, ReadOnlySequence<byte> payload)
    {
        switch ((MessageTag)payload.FirstSpan[0])
        {
            case MessageTag.Ping:
                PacketWriter.Write(_answers.Writer, Message.Pong.Instance, null);
                break;
            case MessageTag.Disconnect:
                _answers.Writer.Complete();
                break;
            default:
                _answers.Writer.Write(packet.FirstSpan);
                break;
        }
    }
}
