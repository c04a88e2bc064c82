using System.Buffers;
using NetworkProtocol.Packets;

namespace NetworkProtocol.Server.Commands;

/// <summary>A buffer that is rented from the pool only while it is needed, so that an idle connection holds none.</summary>
internal sealed class RentedBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 256;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Copies the bytes into the buffer.</summary>
    public ReadOnlyMemory<byte> Hold(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length = bytes.Length;
        return Written;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _bytes.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    public void Return()
    {
        _length = 0;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var needed = (long)_length + Math.Max(count, 1);
        if (needed <= _bytes.Length)
        {
            return;
        }

        if (needed > PacketHeader.MaxPayloadLength)
        {
            throw new InvalidOperationException($"An answer has at most {PacketHeader.MaxPayloadLength} bytes.");
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Max(FirstSize, 2L * _bytes.Length)));
        Written.Span.CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
