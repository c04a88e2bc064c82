using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Web.Access;

/// <summary>The networks of an address that one stranger may have whole.</summary>
/// <param name="Narrow">An IPv4 address, or an IPv6 /64: a subscriber.</param>
/// <param name="Middle">An IPv4 /24, or an IPv6 /48: a site.</param>
/// <param name="Wide">An IPv4 /16, or an IPv6 /32: a provider.</param>
internal readonly record struct Networks(string Narrow, string Middle, string Wide)
{
    public static Networks Of(IPAddress? address)
    {
        address = address is null ? IPAddress.None : address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = address.GetAddressBytes();
        string Prefix(int length) => Convert.ToHexString(bytes, 0, length);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new Networks(Prefix(4), Prefix(3), Prefix(2))
            : new Networks(Prefix(8), Prefix(6), Prefix(4));
    }
}
