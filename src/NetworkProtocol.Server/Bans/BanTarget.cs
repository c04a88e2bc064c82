using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Bans;

/// <summary>
/// The clients that a ban refuses: those of a network (a single address is a network of one), of a name, or of a certificate.
/// </summary>
public sealed record BanTarget
{
    private const int ThumbprintLength = 64;

    /// <summary>The bits that stand before an IPv4 address when it is written as an address of IPv6.</summary>
    private const int MappedBits = 96;

    private BanTarget(IPNetwork? network = null, string? thumbprint = null, string? identity = null)
    {
        Network = network;
        Thumbprint = thumbprint;
        Identity = identity;
    }

    /// <summary>The network, or null.</summary>
    public IPNetwork? Network { get; }

    /// <summary>The certificate's SHA-256 in hexadecimal, or null.</summary>
    public string? Thumbprint { get; }

    /// <summary>The client's name as <see cref="ClientIdentity.ToString"/> writes it, or null.</summary>
    public string? Identity { get; }

    /// <summary>
    /// Reads an address, a network in CIDR notation, a client's name (<c>cn:sensor-7</c>), or the SHA-256 of a certificate in hexadecimal,
    /// with or without colons.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="target">The target that the text names.</param>
    /// <param name="problem">What is wrong with the text, and what would be right.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out BanTarget? target, [NotNullWhen(false)] out string? problem)
    {
        (target, problem) = (null, null);
        text = text?.Trim() ?? "";
        var hexadecimal = text.Replace(":", "", StringComparison.Ordinal);
        if (hexadecimal.Length == ThumbprintLength && hexadecimal.All(char.IsAsciiHexDigit))
        {
            target = new BanTarget(thumbprint: hexadecimal.ToUpperInvariant());
            return true;
        }

        if (ClientIdentity.TryNormalize(text, out var identity))
        {
            target = new BanTarget(identity: identity);
            return true;
        }

        if (text.Contains('/') && IPAddress.TryParse(text[..text.IndexOf('/')], out var first)
            && int.TryParse(text[(text.IndexOf('/') + 1)..], out var length) && length >= 0 && length <= ClientAddress.Bits(first))
        {
            if (first.IsIPv4MappedToIPv6 && length >= MappedBits)
            {
                (first, length) = (first.MapToIPv4(), length - MappedBits);
            }

            var network = new IPNetwork(Masked(first, length), length);
            if (!network.BaseAddress.Equals(first))
            {
                problem = $"{text} has bits set after its prefix. Use {network} for the network, or {first} for the address.";
                return false;
            }

            target = new BanTarget(network);
            return true;
        }

        if (!text.Contains('/') && IPAddress.TryParse(text, out var address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.Count(c => c == '.') == 3))
        {
            address = ClientAddress.Plain(address);
            target = new BanTarget(new IPNetwork(address, ClientAddress.Bits(address)));
            return true;
        }

        problem = $"'{text}' is neither an address (192.0.2.7), a network (192.0.2.0/24, 2001:db8::/64), a client's name (cn:sensor-7, "
            + "dns:sensor-7.example, uri:spiffe://example/sensor-7, uid:1000) nor the SHA-256 of a certificate (64 hexadecimal digits).";
        return false;
    }

    /// <summary>Whether a ban of this target refuses the connection's client.</summary>
    public bool Concerns(Connection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return Network is { } network ? Contains(network, connection.RemoteEndPoint)
            : Identity is not null ? connection.Identity.ToString() == Identity
            : string.Equals(connection.Identity.Thumbprint, Thumbprint, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The address alone, the network, the name, or the thumbprint.</summary>
    public override string ToString() =>
        Network is not { } network ? Identity ?? Thumbprint!
        : network.PrefixLength == ClientAddress.Bits(network.BaseAddress) ? network.BaseAddress.ToString()
        : network.ToString();

    private static bool Contains(IPNetwork network, EndPoint? client)
    {
        if (client is not IPEndPoint { Address: var address })
        {
            return false;
        }

        var (plain, first, length) = (ClientAddress.Plain(address), network.BaseAddress, network.PrefixLength);
        return plain.AddressFamily == first.AddressFamily && ClientAddress.Prefix(plain, length) == ClientAddress.Prefix(first, length);
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }
}
