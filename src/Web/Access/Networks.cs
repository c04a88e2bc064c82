using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Web.Access;

/// <summary>The networks around an address, for limits: one attacker may control all addresses of such a network.</summary>
/// <param name="Narrow">The network of a subscriber: an IPv4 address, or an IPv6 /64.</param>
/// <param name="Middle">The network of a site: an IPv4 /24, or an IPv6 /48.</param>
/// <param name="Wide">The network of a provider: an IPv4 /16, or an IPv6 /32.</param>
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
