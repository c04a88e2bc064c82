using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Memory;

/// <summary>
/// Limits what all connections together hold in memory beyond their free share: packets that are not complete, payloads of running
/// commands, and answers that clients have not read. A packet is charged with at most twice the bytes that have arrived, so a header that
/// claims a large packet costs nothing. When the budget is used up, the server evicts the connections that have kept the most bytes waiting
/// for the longest time, so that slow clients cannot keep others out. Running commands cannot be evicted, and so hold at most half of the
/// budget.
/// </summary>
internal sealed class BufferBudget(IOptions<ServerOptions> options, ErrorLog errors, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<BufferShare> _shares = [];
    private long _held;
    private long _running;
    private long _pushed;

    /// <summary>
    /// Changes what a share holds for a use; false if the budget has no room and the eviction of slower clients would not make enough. The
    /// share's own connection then ends, unless the use is a request: then only the request is refused.
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

        foreach (var connection in slower) // outside the lock, because an abort may run code that waits for the connection's end
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

    /// <summary>
    /// Charges separately the payload of a handler that runs on after it was given up, so that the connection can run another command;
    /// returns the payload's bytes.
    /// </summary>
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

    /// <summary>Releases what <see cref="BeginOverrun"/> has charged.</summary>
    public void EndOverrun(BufferShare share, long bytes)
    {
        lock (_lock)
        {
            Change(share, BufferUse.Overrun, share.Held(BufferUse.Overrun) - bytes);
        }
    }

    /// <summary>
    /// Adds to the bytes that outboxes hold; false if they would hold more than a quarter of the budget. No connection is evicted for them.
    /// </summary>
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

    /// <summary>Releases for good all that a share holds, except the payload of a handler that runs on.</summary>
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

    // The buffers are freed a moment later, when the connection's loop ends. A handler may run on, and its payload stays charged.
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

    /// <summary>The slowest shares that together hold the missing bytes; none if all slower shares together hold less.</summary>
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
