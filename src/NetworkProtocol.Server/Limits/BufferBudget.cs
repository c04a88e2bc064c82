using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// What all connections together may hold in memory beyond their free share: packets that are not complete, payloads of commands that
/// run, and answers that clients have not taken. A packet is charged with at most twice of what has really come from its client, so a
/// header's claim alone costs nothing. When the budget is used up, the client that has kept the most bytes waiting for the longest
/// time is ended to make room: a slow client cannot keep others out.
/// </summary>
internal sealed class BufferBudget(IOptions<ServerOptions> options, ErrorLog errors, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<BufferShare> _shares = [];
    private long _held;

    /// <summary>Changes what a share holds for a use. False if there is no room, although slower clients were ended: then its own connection ends.</summary>
    public bool TryChange(BufferShare share, BufferUse use, long bytes)
    {
        List<Connection> slower = [];
        bool changed;
        lock (_lock)
        {
            changed = !share.IsClosed && TryMakeRoom(share, bytes - share.Held(use), slower);
            if (changed)
            {
                Change(share, use, bytes);
            }
        }

        foreach (var connection in slower) // outside the lock: an abort may run what waits for the connection's end
        {
            End(connection);
            connection.Abort(CloseReason.ServerFull);
        }

        if (!changed)
        {
            End(share.Connection);
        }

        return changed;
    }

    /// <summary>Gives back all that a share holds, for good.</summary>
    public void Close(BufferShare share)
    {
        lock (_lock)
        {
            share.IsClosed = true;
            foreach (var use in Enum.GetValues<BufferUse>())
            {
                Change(share, use, 0);
            }
        }
    }

    private void Change(BufferShare share, BufferUse use, long bytes)
    {
        _held += bytes - share.Held(use);
        share.Held(use) = bytes;
        if (share.Total > 0)
        {
            _shares.Add(share);
        }
        else
        {
            _shares.Remove(share);
        }
    }

    private bool TryMakeRoom(BufferShare share, long more, List<Connection> slower)
    {
        while (more > 0 && _held + more > options.Value.MaxBufferedBytes)
        {
            if (FindSlowerThan(share) is not { } slowest)
            {
                return false;
            }

            slower.Add(slowest.Connection);
            Close(slowest); // its memory comes back when its loop ends, a moment later
        }

        return true;
    }

    private BufferShare? FindSlowerThan(BufferShare share)
    {
        var now = time.GetTimestamp();
        var most = share.ByteSeconds(time, now);
        BufferShare? slowest = null;
        foreach (var other in _shares)
        {
            var cost = other.ByteSeconds(time, now);
            if (other != share && cost > most)
            {
                (most, slowest) = (cost, other);
            }
        }

        return slowest;
    }

    private void End(Connection connection)
    {
        if (connection.CloseReason == CloseReason.None)
        {
            connection.EndWith(CloseReason.ServerFull);
            errors.Add(CloseReason.ServerFull.ToName(), connection, CloseReason.ServerFull.ToText());
        }
    }
}
