using System.Buffers;

namespace NetworkProtocol.Packets;

/// <summary>Reads packets from the start of a buffer. It checks each byte of a header as soon as the byte has arrived.</summary>
public static class PacketReader
{
    /// <summary>
    /// Reads one packet. On <see cref="PacketStatus.Complete"/> the packet is removed from <paramref name="buffer"/>. Otherwise the buffer
    /// does not change. Nothing is allocated, whatever length a header claims.
    /// </summary>
    /// <param name="buffer">The bytes that have arrived.</param>
    /// <param name="maxPayloadLength">The largest accepted payload in bytes, at most <see cref="PacketHeader.MaxPayloadLength"/>.</param>
    /// <param name="payload">The packet's payload: a view into <paramref name="buffer"/>.</param>
    public static PacketStatus TryRead(
        ref ReadOnlySequence<byte> buffer, int maxPayloadLength, out ReadOnlySequence<byte> payload) =>
        TryRead(ref buffer, maxPayloadLength, out payload, out _);

    /// <summary>Reads one packet, and tells how many bytes the next attempt needs.</summary>
    /// <param name="buffer">The bytes that have arrived.</param>
    /// <param name="maxPayloadLength">The largest accepted payload in bytes, at most <see cref="PacketHeader.MaxPayloadLength"/>.</param>
    /// <param name="payload">The packet's payload: a view into <paramref name="buffer"/>.</param>
    /// <param name="needed">
    /// On <see cref="PacketStatus.Incomplete"/> the length in bytes that the buffer must have before the next attempt.
    /// </param>
    public static PacketStatus TryRead(
        ref ReadOnlySequence<byte> buffer, int maxPayloadLength, out ReadOnlySequence<byte> payload, out int needed)
    {
        payload = default;
        needed = 0;
        Span<byte> copy = stackalloc byte[PacketHeader.Size];
        var first = buffer.FirstSpan;
        scoped ReadOnlySpan<byte> header = first;
        if (first.Length < PacketHeader.Size)
        {
            var available = (int)Math.Min(buffer.Length, PacketHeader.Size);
            buffer.Slice(0, available).CopyTo(copy);
            header = copy[..available];
        }

        var status = Judge(header, maxPayloadLength, out var length);
        if (status == PacketStatus.Incomplete)
        {
            needed = header.Length + 1; // each byte of a header is checked as soon as it arrives
        }

        if (status != PacketStatus.Complete)
        {
            return status;
        }

        if (buffer.Length - PacketHeader.Size < length)
        {
            needed = PacketHeader.Size + length;
            return PacketStatus.Incomplete;
        }

        payload = buffer.Slice(PacketHeader.Size, length);
        buffer = buffer.Slice(payload.End);
        return PacketStatus.Complete;
    }

    private static PacketStatus Judge(ReadOnlySpan<byte> header, int maxPayloadLength, out int length)
    {
        length = 0;
        var magic = Math.Min(header.Length, PacketHeader.VersionOffset);
        if (!header[..magic].SequenceEqual(PacketHeader.Magic[..magic]))
        {
            return PacketStatus.BadMagic;
        }

        if (header.Length > PacketHeader.VersionOffset && header[PacketHeader.VersionOffset] != PacketHeader.Version)
        {
            return PacketStatus.BadVersion;
        }

        // Bytes of the length that have not arrived count as zero, which gives the smallest length that the header can still claim.
        var claimed = 0u;
        for (var i = PacketHeader.LengthOffset; i < PacketHeader.Size; i++)
        {
            claimed = (claimed << 8) | (i < header.Length ? header[i] : 0u);
        }

        if (claimed > (uint)maxPayloadLength)
        {
            return PacketStatus.TooLarge;
        }

        length = (int)claimed;
        return header.Length < PacketHeader.Size ? PacketStatus.Incomplete : PacketStatus.Complete;
    }
}
