using System.Net;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Bans;

/// <summary>
/// The clients that the server refuses: addresses, networks, and clients by their name or certificate, each until a time or until the ban
/// is lifted.
/// </summary>
public sealed class BanList(ConnectionRegistry registry, TimeProvider time)
{
    /// <summary>How many bans there may be.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _changing = new();
    private volatile BanIndex _current = new([]);

    /// <summary>The bans that are in force, oldest first.</summary>
    public IReadOnlyList<Ban> Bans => [.. _current.All.Where(IsInForce)];

    /// <summary>Adds a ban, or replaces the ban on the same target, and aborts the connections of its clients.</summary>
    /// <returns>How many connections were aborted.</returns>
    /// <exception cref="InvalidOperationException">There are <see cref="Capacity"/> bans already.</exception>
    public int Add(Ban ban)
    {
        ArgumentNullException.ThrowIfNull(ban);
        lock (_changing)
        {
            Replace([.. Bans.Where(other => other.Target != ban.Target), ban]);
        }

        var banned = registry.Open.Where(connection => ban.Target.Concerns(connection)).ToArray();
        foreach (var connection in banned)
        {
            connection.Abort(CloseReason.Banned);
        }

        return banned.Length;
    }

    /// <summary>Lifts a ban; false if no ban has this id.</summary>
    public bool Remove(string id)
    {
        lock (_changing)
        {
            var all = _current.All;
            var rest = Array.FindAll(all, ban => ban.Id != id);
            _current = new BanIndex(rest);
            return rest.Length < all.Length;
        }
    }

    /// <summary>Replaces all bans, with those that a program has stored for its restart.</summary>
    /// <exception cref="InvalidOperationException">The bans are more than <see cref="Capacity"/>.</exception>
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
        ? new BanIndex(bans)
        : throw new InvalidOperationException(
            $"The limit of {Capacity} bans is reached. Lift a ban, or ban a network instead of single addresses.");

    private bool Refuse(Connection connection)
    {
        registry.Reject(connection, CloseReason.Banned);
        return true;
    }

    private bool IsListed(Dictionary<string, Ban> bans, string? key) =>
        key is not null && bans.TryGetValue(key, out var ban) && IsInForce(ban);

    private bool IsInForce(Ban ban) => ban.ExpiresAt is not { } end || end > time.GetUtcNow();
}
