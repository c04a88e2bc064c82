using System.Buffers;

namespace NetworkProtocol.Client.Connections;

/// <summary>Bytes that wait to be sent, in an array of the shared pool. An empty buffer holds no array.</summary>
internal sealed class SendBuffer : IBufferWriter<byte>
{
    private const int SmallestSize = 1024;

    private byte[] _bytes = [];
    private int _written;

    public int WrittenCount => _written;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _written);

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_written);
    }

    /// <summary>Empties the buffer and returns its array to the pool.</summary>
    public void Clear()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _written) = ([], 0);
    }

    private void Reserve(int more)
    {
        var needed = checked(_written + Math.Max(more, 1));
        if (needed <= _bytes.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(2L * _bytes.Length, Math.Max(needed, SmallestSize), Array.MaxLength));
        Written.Span.CopyTo(larger);
        var written = _written;
        Clear();
        (_bytes, _written) = (larger, written);
    }
}
