using System.Buffers;
using System.IO.Pipelines;

namespace Fuzz;

/// <summary>
/// An input that arrives in pieces. Each read that has examined everything gets the next piece. Records the largest number of unread bytes.
/// </summary>
internal sealed class PieceReader(byte[] bytes, int piece) : PipeReader
{
    private int _consumed;
    private int _received;
    private int _examined;

    public int MostKept { get; private set; }

    public ReadOnlyMemory<byte> Left => bytes.AsMemory(_consumed);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_examined == _received)
        {
            _received = Math.Min(bytes.Length, _received + piece);
        }

        MostKept = Math.Max(MostKept, _examined - _consumed);
        return new(new ReadResult(
            new ReadOnlySequence<byte>(bytes, _consumed, _received - _consumed), isCanceled: false, _received == bytes.Length));
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        (_consumed, _examined) = (consumed.GetInteger(), examined.GetInteger());

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    public override void CancelPendingRead() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null)
    {
    }
}
