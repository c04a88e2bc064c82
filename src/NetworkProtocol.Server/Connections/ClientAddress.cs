using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Server.Connections;

/// <summary>The parts of a client's IP address that bans and limits look at.</summary>
internal static class ClientAddress
{
    private const int IPv4Bits = 32;
    private const int IPv6Bits = 128;

    /// <summary>What a provider gives to one subscriber of IPv6.</summary>
    private const int SubscriberBits = 64;

    /// <summary>An IPv4 address as such, also when it is written as an address of IPv6.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>How many bits an address has.</summary>
    public static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? IPv4Bits : IPv6Bits;

    /// <summary>The first bits of an address, as the highest bits of the result.</summary>
    public static UInt128 Prefix(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[IPv6Bits / 8];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return length == 0 ? UInt128.Zero : number & (UInt128.MaxValue << (IPv6Bits - length));
    }

    /// <summary>
    /// Counts as one client: an IPv4 address, or the /64 of an IPv6 address. An IPv4 address fills the lowest bits, which a /64 leaves
    /// empty, so that no address of one kind is taken for an address of the other.
    /// </summary>
    public static UInt128 Subscriber(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetwork
            ? Prefix(plain, IPv4Bits) >> (IPv6Bits - IPv4Bits)
            : Prefix(plain, SubscriberBits);
    }
}
