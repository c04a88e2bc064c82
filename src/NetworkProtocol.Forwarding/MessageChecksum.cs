using System.Buffers.Binary;
using System.IO.Hashing;

namespace NetworkProtocol.Forwarding;

/// <summary>
/// The CRC-32 (IEEE 802.3) of a message: over its sequence number and its time, each as 8 bytes, little endian, then the topic and the
/// payload. The edge's buffer and the hub compute it alike, so that a message that is not the same one is recognized.
/// </summary>
public static class MessageChecksum
{
    /// <summary>Computes the checksum.</summary>
    /// <param name="sequence">The sequence number.</param>
    /// <param name="time">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="topic">The topic in UTF-8.</param>
    /// <param name="payload">The payload.</param>
    public static uint Compute(long sequence, long time, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], time);
        var crc = new Crc32();
        crc.Append(numbers);
        crc.Append(topic);
        crc.Append(payload);
        return crc.GetCurrentHashAsUInt32();
    }
}
