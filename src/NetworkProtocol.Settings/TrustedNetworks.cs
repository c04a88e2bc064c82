using System.Buffers.Binary;
using System.Net;

namespace NetworkProtocol.Settings;

/// <summary>
/// Checks the networks of trusted proxies, which report the addresses of clients. The rule is the same for each port with trusted proxies.
/// </summary>
public static class TrustedNetworks
{
    /// <summary>All addresses that a peer can have: IPv6 global unicast, and IPv4 unicast without "this network".</summary>
    private static readonly (UInt128 First, UInt128 Last)[] Everyone =
        [Range(IPNetwork.Parse("2000::/3")), (Mapped("1.0.0.0"), Mapped("223.255.255.255"))];

    /// <summary>Finds one or several networks that together contain all addresses; returns them as text, or null if they do not.</summary>
    /// <param name="cidrs">Networks as <c>10.0.0.0/8</c>; other texts are ignored.</param>
    public static string? FindEveryone(IEnumerable<string> cidrs)
    {
        var all = cidrs.Where(cidr => IPNetwork.TryParse(cidr, out _))
            .Select(cidr => (Text: cidr, Range: Range(IPNetwork.Parse(cidr)))).ToArray();
        foreach (var everyone in Everyone)
        {
            var some = all.Where(network => network.Range.First <= everyone.Last && network.Range.Last >= everyone.First).ToArray();
            var whole = Array.Find(some, network => Cover([network.Range], everyone)).Text;
            if (whole is not null || Cover(some.Select(network => network.Range), everyone))
            {
                return whole ?? string.Join(", ", some.Select(network => network.Text));
            }
        }

        return null;
    }

    private static bool Cover(IEnumerable<(UInt128 First, UInt128 Last)> ranges, (UInt128 First, UInt128 Last) whole)
    {
        var missing = whole.First;
        foreach (var (first, last) in ranges.OrderBy(range => range.First))
        {
            if (first > missing || missing > whole.Last)
            {
                break;
            }

            missing = last >= whole.Last ? whole.Last + 1 : UInt128.Max(missing, last + 1);
        }

        return missing > whole.Last;
    }

    private static (UInt128 First, UInt128 Last) Range(IPNetwork network)
    {
        var first = Number(network.BaseAddress);
        var free = (network.BaseAddress.GetAddressBytes().Length * 8) - network.PrefixLength;
        return (first, free == 128 ? UInt128.MaxValue : first + (UInt128.One << free) - 1);
    }

    private static UInt128 Mapped(string address) => Number(IPAddress.Parse(address));

    // IPv4 addresses are mapped to IPv6, as a dual-stack port reports them.
    private static UInt128 Number(IPAddress address) => BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());
}
