using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace NetworkProtocol.Server.Proxy;

/// <summary>Reads a header of the PROXY protocol, version 1 or 2 (HAProxy's proxy-protocol.txt), as far as the client's address.</summary>
internal static class ProxyHeader
{
    /// <summary>The first byte of a version 1 header.</summary>
    public const byte FirstByteV1 = (byte)'P';

    /// <summary>The first byte of a version 2 header.</summary>
    public const byte FirstByteV2 = 0x0D;

    /// <summary>The longest header of version 1. It is longer than a header of version 2 up to the end of its addresses.</summary>
    private const int MaxLengthV1 = 107;

    private const int PrefixV2 = 16;
    private const int VersionV2 = 2;
    private const int CommandLocal = 0;
    private const int CommandProxy = 1;
    private const int FamilyIPv4 = 1;
    private const int FamilyIPv6 = 2;
    private const int LastFamily = 3;
    private const int ProtocolUnspecified = 0;
    private const int LastProtocol = 2;

    private static ReadOnlySpan<byte> SignatureV2 => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>Whether a connection that sends this byte first may begin with a header.</summary>
    public static bool BeginsWith(byte first) => first is FirstByteV1 or FirstByteV2;

    /// <summary>Cuts the header off the buffer, up to the end of its addresses.</summary>
    /// <param name="buffer">The bytes that have arrived.</param>
    /// <param name="client">The client, or null if the header names none (LOCAL, UNKNOWN, an unspecified family, a Unix socket).</param>
    /// <param name="rest">How many bytes of the header follow; they do not concern the client's address: 0 to 65,535.</param>
    public static ProxyHeaderStatus TryRead(ref ReadOnlySequence<byte> buffer, out IPEndPoint? client, out int rest)
    {
        (client, rest) = (null, 0);
        Span<byte> copy = stackalloc byte[MaxLengthV1];
        var available = (int)Math.Min(buffer.Length, MaxLengthV1);
        buffer.Slice(0, available).CopyTo(copy);
        ReadOnlySpan<byte> bytes = copy[..available];
        if (bytes.IsEmpty)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var status = bytes[0] == FirstByteV2
            ? ReadV2(bytes, out var consumed, out rest, out client)
            : ReadV1(bytes, out consumed, out client);
        if (status == ProxyHeaderStatus.Complete)
        {
            buffer = buffer.Slice(consumed);
        }

        return status;
    }

    private static ProxyHeaderStatus ReadV1(ReadOnlySpan<byte> bytes, out int consumed, out IPEndPoint? client)
    {
        (consumed, client) = (0, null);
        var prefix = "PROXY "u8;
        var known = Math.Min(bytes.Length, prefix.Length);
        if (!bytes[..known].SequenceEqual(prefix[..known]))
        {
            return ProxyHeaderStatus.Invalid;
        }

        var end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length == MaxLengthV1 ? ProxyHeaderStatus.Invalid : ProxyHeaderStatus.Incomplete;
        }

        consumed = end + 2;
        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        return words switch
        {
            ["PROXY", "UNKNOWN", ..] => ProxyHeaderStatus.Complete,
            ["PROXY", "TCP4", var source, _, var port, _] => ReadClient(source, AddressFamily.InterNetwork, port, out client),
            ["PROXY", "TCP6", var source, _, var port, _] => ReadClient(source, AddressFamily.InterNetworkV6, port, out client),
            _ => ProxyHeaderStatus.Invalid,
        };
    }

    private static ProxyHeaderStatus ReadClient(string source, AddressFamily family, string port, out IPEndPoint? client)
    {
        client = IPAddress.TryParse(source, out var address) && address.AddressFamily == family
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? new IPEndPoint(address, number)
                : null;
        return client is null ? ProxyHeaderStatus.Invalid : ProxyHeaderStatus.Complete;
    }

    private static ProxyHeaderStatus ReadV2(ReadOnlySpan<byte> bytes, out int consumed, out int rest, out IPEndPoint? client)
    {
        (consumed, rest, client) = (0, 0, null);
        var known = Math.Min(bytes.Length, SignatureV2.Length);
        if (!bytes[..known].SequenceEqual(SignatureV2[..known]))
        {
            return ProxyHeaderStatus.Invalid;
        }

        if (bytes.Length < PrefixV2)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var (version, command, family, protocol) = (bytes[12] >> 4, bytes[12] & 0xF, bytes[13] >> 4, bytes[13] & 0xF);
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        var size = command == CommandProxy && protocol != ProtocolUnspecified ? AddressSize(family) : 0;
        var addresses = size == 0 ? 0 : 2 * (size + sizeof(ushort));
        if (version != VersionV2 || command > CommandProxy || addresses > length
            || (command != CommandLocal && (family > LastFamily || protocol > LastProtocol)))
        {
            return ProxyHeaderStatus.Invalid;
        }

        (consumed, rest) = (PrefixV2 + addresses, length - addresses);
        if (bytes.Length < consumed)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        client = size == 0 ? null : ClientV2(bytes[PrefixV2..], size);
        return ProxyHeaderStatus.Complete;
    }

    private static int AddressSize(int family) => family switch
    {
        FamilyIPv4 => 4,
        FamilyIPv6 => 16,
        _ => 0,
    };

    private static IPEndPoint ClientV2(ReadOnlySpan<byte> addresses, int size) =>
        new(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * size)..]));
}
