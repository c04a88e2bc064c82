using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Memory;

/// <summary>
/// What all connections together may hold in memory beyond their free share: packets that are not complete, payloads of commands that
/// run, and answers that clients have not taken. A packet is charged with at most twice of what has really come from its client, so a
/// header's claim alone costs nothing. When the budget is used up, the client that has kept the most bytes waiting for the longest
/// time is ended to make room: a slow client cannot keep others out. Commands that run cannot be ended for it, and so hold half of it at
/// most.
/// </summary>
internal sealed class BufferBudget(IOptions<ServerOptions> options, ErrorLog errors, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<BufferShare> _shares = [];
    private long _held;
    private long _running;
    private long _pushed;

    /// <summary>
    /// Changes what a share holds for a use; false if there is no room, and ending slower clients would make none. Then its own connection
    /// ends, unless it is a request, which is refused alone.
    /// </summary>
    public bool TryChange(BufferShare share, BufferUse use, long bytes)
    {
        List<Connection> slower = [];
        bool changed;
        lock (_lock)
        {
            var more = bytes - share.Held(use);
            changed = !share.IsClosed && (use != BufferUse.Request || HasRoomToRun(more)) && TryMakeRoom(share, more, slower);
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

        if (!changed && use != BufferUse.Request)
        {
            End(share.Connection);
        }

        return changed;
    }

    /// <summary>Charges the payload of a handler that goes on apart, so that the connection can have another one; the bytes that it costs.</summary>
    public long BeginOverrun(BufferShare share)
    {
        lock (_lock)
        {
            var bytes = share.Held(BufferUse.Request);
            Change(share, BufferUse.Request, 0);
            Change(share, BufferUse.Overrun, share.Held(BufferUse.Overrun) + bytes);
            return bytes;
        }
    }

    /// <summary>Gives back what <see cref="BeginOverrun"/> has charged.</summary>
    public void EndOverrun(BufferShare share, long bytes)
    {
        lock (_lock)
        {
            Change(share, BufferUse.Overrun, share.Held(BufferUse.Overrun) - bytes);
        }
    }

    /// <summary>Changes by so many bytes what outboxes hold; false if that would be more than a quarter of all. Nobody is ended for it.</summary>
    public bool TryHoldPushed(long more)
    {
        lock (_lock)
        {
            if (more > 0 && (_held + more > options.Value.MaxBufferedBytes || _pushed + more > options.Value.MaxBufferedBytes / 4))
            {
                return false;
            }

            _held += more;
            _pushed += more;
            return true;
        }
    }

    /// <summary>Gives back all that a share holds, for good, except for a handler that goes on.</summary>
    public void Close(BufferShare share)
    {
        lock (_lock)
        {
            share.IsClosed = true;
            Change(share, BufferUse.Packet, 0);
            Change(share, BufferUse.Request, 0);
            Change(share, BufferUse.Answers, 0);
        }
    }

    // What it waits with comes back when its loop ends, a moment later. A handler may go on, and stays charged.
    private void Evict(BufferShare share)
    {
        share.IsClosed = true;
        Change(share, BufferUse.Packet, 0);
        Change(share, BufferUse.Answers, 0);
    }

    private bool HasRoomToRun(long more) => more <= 0 || _running == 0 || _running + more <= options.Value.MaxBufferedBytes / 2;

    private void Change(BufferShare share, BufferUse use, long bytes)
    {
        var more = bytes - share.Held(use);
        _held += more;
        if (use is BufferUse.Request or BufferUse.Overrun)
        {
            _running += more;
        }

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
        var missing = _held + more - options.Value.MaxBufferedBytes;
        if (more <= 0 || missing <= 0)
        {
            return true;
        }

        var chosen = FindSlowerThan(share, missing);
        foreach (var other in chosen)
        {
            slower.Add(other.Connection);
            Evict(other);
        }

        return chosen.Count > 0;
    }

    /// <summary>The slowest that together hold what is missing; none if even all that are slower do not.</summary>
    private List<BufferShare> FindSlowerThan(BufferShare share, long missing)
    {
        var now = time.GetTimestamp();
        var own = share.ByteSeconds(time, now);
        List<BufferShare> chosen = [];
        foreach (var (other, _) in _shares.Select(other => (Share: other, Cost: other.ByteSeconds(time, now)))
            .Where(pair => pair.Share != share && pair.Cost > own)
            .OrderByDescending(pair => pair.Cost))
        {
            chosen.Add(other);
            missing -= other.Waiting;
            if (missing <= 0)
            {
                return chosen;
            }
        }

        return [];
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
