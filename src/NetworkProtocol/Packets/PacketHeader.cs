using System.Buffers.Binary;

namespace NetworkProtocol.Packets;

/// <summary>The nine bytes before each payload (wire protocol, section 1).</summary>
public static class PacketHeader
{
    /// <summary>The size of a header in bytes: magic, version and payload length.</summary>
    public const int Size = 9;

    /// <summary>The protocol version of this library.</summary>
    public const byte Version = 1;

    /// <summary>The largest payload that the protocol allows, in bytes: 16 MiB.</summary>
    public const int MaxPayloadLength = 16 * 1024 * 1024;

    internal const int VersionOffset = 4;
    internal const int LengthOffset = 5;

    /// <summary>The first four bytes of every packet: "NPRO".</summary>
    public static ReadOnlySpan<byte> Magic => "NPRO"u8;

    /// <summary>Writes a header for a payload of <paramref name="payloadLength"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or over 16 MiB.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="Size"/>.</exception>
    public static void Write(Span<byte> destination, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, MaxPayloadLength);
        Magic.CopyTo(destination);
        destination[VersionOffset] = Version;
        BinaryPrimitives.WriteInt32BigEndian(destination[LengthOffset..], payloadLength);
    }
}
