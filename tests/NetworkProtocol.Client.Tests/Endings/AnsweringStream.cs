using System.Buffers;
using System.IO.Pipelines;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Client.Tests.Endings;

/// <summary>
/// A server in a stream: what is written to it is answered at once, in order, and all answers can be held back until many are there.
/// It fails when it is told to.
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

    /// <param name="reached">Set once so many bytes were read; then the rest is held back again.</param>
    /// <param name="threshold">How many.</param>
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

        var packets = new ReadOnlySequence<byte>(buffer); // whole ones: the client sends no others
        for (var start = packets; PacketReader.TryRead(ref packets, PacketHeader.MaxPayloadLength, out var payload) == PacketStatus.Complete; start = packets)
        {
            Answer(start.Slice(0, packets.Start), payload);
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
