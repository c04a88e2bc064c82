using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace NetworkProtocol.Server.Connections;

/// <summary>What <see cref="ProxyHeader.TryRead"/> found.</summary>
internal enum ProxyHeaderStatus
{
    Incomplete,
    Complete,
    Invalid,
}

/// <summary>Reads a header of the PROXY protocol, version 1 or 2 (HAProxy's proxy-protocol.txt).</summary>
internal static class ProxyHeader
{
    /// <summary>The first byte of a version 1 header.</summary>
    public const byte FirstByteV1 = (byte)'P';

    /// <summary>The first byte of a version 2 header.</summary>
    public const byte FirstByteV2 = 0x0D;

    private const int MaxLengthV1 = 107;
    private const int PrefixV2 = 16;
    private const int MaxLengthV2 = PrefixV2 + 512;
    private const int AddressesV4 = 12;
    private const int AddressesV6 = 36;

    private static ReadOnlySpan<byte> SignatureV2 => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Cuts the header off the buffer; <paramref name="client"/> is null if it names none (LOCAL, UNKNOWN).</summary>
    public static ProxyHeaderStatus TryRead(ref ReadOnlySequence<byte> buffer, out IPEndPoint? client)
    {
        client = null;
        Span<byte> copy = stackalloc byte[MaxLengthV2];
        var available = (int)Math.Min(buffer.Length, MaxLengthV2);
        buffer.Slice(0, available).CopyTo(copy);
        ReadOnlySpan<byte> bytes = copy[..available];
        if (bytes.IsEmpty)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        int consumed;
        var status = bytes[0] == FirstByteV2 ? ReadV2(bytes, out consumed, out client) : ReadV1(bytes, out consumed, out client);
        if (status == ProxyHeaderStatus.Complete)
        {
            buffer = buffer.Slice(consumed);
        }

        return status;
    }

    private static ProxyHeaderStatus ReadV1(ReadOnlySpan<byte> bytes, out int consumed, out IPEndPoint? client)
    {
        consumed = 0;
        client = null;
        var prefix = "PROXY "u8;
        var known = Math.Min(bytes.Length, prefix.Length);
        if (!bytes[..known].SequenceEqual(prefix[..known]))
        {
            return ProxyHeaderStatus.Invalid;
        }

        var end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length >= MaxLengthV1 ? ProxyHeaderStatus.Invalid : ProxyHeaderStatus.Incomplete;
        }

        consumed = end + 2;
        if (consumed > MaxLengthV1)
        {
            return ProxyHeaderStatus.Invalid;
        }

        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            return ProxyHeaderStatus.Complete;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", var source, _, var port, _]
            || !IPAddress.TryParse(source, out var address) || !ushort.TryParse(port, out var number))
        {
            return ProxyHeaderStatus.Invalid;
        }

        client = new IPEndPoint(address, number);
        return ProxyHeaderStatus.Complete;
    }

    private static ProxyHeaderStatus ReadV2(ReadOnlySpan<byte> bytes, out int consumed, out IPEndPoint? client)
    {
        consumed = 0;
        client = null;
        var known = Math.Min(bytes.Length, SignatureV2.Length);
        if (!bytes[..known].SequenceEqual(SignatureV2[..known]))
        {
            return ProxyHeaderStatus.Invalid;
        }

        if (bytes.Length < PrefixV2)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var (version, command) = (bytes[12] >> 4, bytes[12] & 0xF);
        consumed = PrefixV2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != 2 || command > 1 || consumed > MaxLengthV2)
        {
            return ProxyHeaderStatus.Invalid;
        }

        if (bytes.Length < consumed)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var addresses = bytes[PrefixV2..consumed];
        var family = bytes[13] >> 4;
        if (command == 0 || family is not (1 or 2))
        {
            return ProxyHeaderStatus.Complete;
        }

        var (size, total) = family == 1 ? (4, AddressesV4) : (16, AddressesV6);
        if (addresses.Length < total)
        {
            return ProxyHeaderStatus.Invalid;
        }

        client = new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * size)..]));
        return ProxyHeaderStatus.Complete;
    }
}
