using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Bans;

/// <summary>
/// An immutable list of bans that finds a client quickly. Networks are kept by the length of their prefix: a look-up costs one hash for
/// each length in use, however many bans there are.
/// </summary>
internal sealed class BanIndex
{
    private readonly Dictionary<(AddressFamily Family, int Length), Dictionary<UInt128, Ban>> _networks = [];

    public BanIndex(Ban[] all)
    {
        All = all;
        foreach (var ban in all)
        {
            if (ban.Target.Network is { } network)
            {
                var kind = (network.BaseAddress.AddressFamily, network.PrefixLength);
                if (!_networks.TryGetValue(kind, out var bans))
                {
                    _networks[kind] = bans = new(SeededHash.Instance);
                }

                bans[ClientAddress.Prefix(network.BaseAddress, network.PrefixLength)] = ban;
            }
            else if (ban.Target.Identity is { } identity)
            {
                Identities[identity] = ban;
            }
            else
            {
                Certificates[ban.Target.Thumbprint!] = ban;
            }
        }
    }

    public Ban[] All { get; }

    public Dictionary<string, Ban> Identities { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Ban> Certificates { get; } = new(StringComparer.OrdinalIgnoreCase);

    public bool Find(IPAddress address, Func<Ban, bool> inForce)
    {
        address = ClientAddress.Plain(address);
        foreach (var ((family, length), bans) in _networks)
        {
            if (family == address.AddressFamily && bans.TryGetValue(ClientAddress.Prefix(address, length), out var ban) && inForce(ban))
            {
                return true;
            }
        }

        return false;
    }
}
