using System.Net;
using System.Net.Sockets;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Limits;

namespace NetworkProtocol.Server.Bans;

/// <summary>Whom the server does not serve: addresses, networks, and clients by their name or certificate, each for a time or for good.</summary>
public sealed class BanList(ConnectionRegistry registry, TimeProvider time)
{
    /// <summary>How many bans there may be.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _changing = new();
    private volatile Snapshot _current = new([]);

    /// <summary>The bans that are in force, oldest first.</summary>
    public IReadOnlyList<Ban> Bans => [.. _current.All.Where(IsInForce)];

    /// <summary>Adds a ban, or replaces the one on the same target, and ends whoever it concerns.</summary>
    /// <returns>How many connections it ended.</returns>
    /// <exception cref="InvalidOperationException">There are <see cref="Capacity"/> bans already.</exception>
    public int Add(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        lock (_changing)
        {
            Replace([.. Bans.Where(other => other.Target != ban.Target), ban]);
        }

        var concerned = registry.Open.Where(connection => ban.Target.Concerns(connection)).ToArray();
        foreach (var connection in concerned)
        {
            connection.Abort(CloseReason.Banned);
        }

        return concerned.Length;
    }

    /// <summary>Lifts a ban; false if there is none of that id.</summary>
    public bool Remove(string id)
    {
        lock (_changing)
        {
            var all = _current.All;
            var rest = Array.FindAll(all, ban => ban.Id != id);
            _current = new Snapshot(rest);
            return rest.Length < all.Length;
        }
    }

    /// <summary>Puts these in place of all bans: those that were kept over a restart.</summary>
    /// <exception cref="InvalidOperationException">There are more than <see cref="Capacity"/>.</exception>
    public void Load(IReadOnlyList<Ban> bans)
    {
        ArgumentNullException.ThrowIfNull(bans);
        lock (_changing)
        {
            Replace([.. bans]);
        }
    }

    /// <summary>Refuses a connection whose address is banned.</summary>
    internal bool IsBanned(Connection connection) =>
        _current.All.Length > 0
        && connection.RemoteEndPoint is IPEndPoint { Address: var address }
        && _current.Find(address, IsInForce)
        && Refuse(connection);

    /// <summary>Refuses a connection whose client is banned by its name or its certificate.</summary>
    internal bool IsBannedByIdentity(Connection connection) =>
        (IsListed(_current.Identities, connection.Identity.ToString()) || IsListed(_current.Certificates, connection.Identity.Thumbprint))
        && Refuse(connection);

    private void Replace(Ban[] bans) => _current = bans.Length <= Capacity
        ? new Snapshot(bans)
        : throw new InvalidOperationException($"The limit of {Capacity} bans is reached. Lift a ban, or ban a network instead of single addresses.");

    private bool Refuse(Connection connection)
    {
        registry.Reject(connection, CloseReason.Banned);
        return true;
    }

    private bool IsListed(Dictionary<string, Ban> bans, string? key) => key is not null && bans.TryGetValue(key, out var ban) && IsInForce(ban);

    private bool IsInForce(Ban ban) => ban.ExpiresAt is not { } end || end > time.GetUtcNow();

    /// <summary>Networks by the length of their prefix: a look-up costs one hash for each length in use, however many bans there are.</summary>
    private sealed class Snapshot
    {
        private readonly Dictionary<(AddressFamily Family, int Length), Dictionary<UInt128, Ban>> _networks = [];

        public Snapshot(Ban[] all)
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

                    bans[BanTarget.Prefix(network.BaseAddress, network.PrefixLength)] = ban;
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
            address = BanTarget.Plain(address);
            foreach (var ((family, length), bans) in _networks)
            {
                if (family == address.AddressFamily && bans.TryGetValue(BanTarget.Prefix(address, length), out var ban) && inForce(ban))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
