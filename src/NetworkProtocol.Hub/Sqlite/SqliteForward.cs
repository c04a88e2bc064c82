using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What the store keeps for the next hub: a reader finds it, and the writer deletes it.</summary>
internal sealed class SqliteForward(SqliteWriter writer, SqliteReader reader, HubRetentionOptions keep, TimeProvider time)
    : IForwardSource
{
    /// <summary>How many rows a transaction deletes or notes at most, so that no batch waits long behind it.</summary>
    private const int Slice = 5_000;

    /// <summary>How much of each lane and each resolution a transaction forgets at most, so that all are a slice.</summary>
    private const int ForgetSlice = 1_000;

    private const string Due = "FROM forward_rollups f LEFT JOIN series s ON s.id = f.series LEFT JOIN sources o ON o.id = s.source "
        + "LEFT JOIN rollups r ON r.series = f.series AND r.resolution = f.resolution AND r.start = f.start "
        + "LEFT JOIN open_rollups p ON p.series = f.series AND p.resolution = f.resolution AND p.start = f.start "
        + "WHERE f.resolution = ?1 AND f.start <= ?2 ORDER BY f.start, f.series LIMIT ?3";

    private readonly Signal _signal = new();

    public Task Changed => _signal.Changed;

    public long TooOld => writer.Progress.TooOld.Count;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Signal() => _signal.Set();

    public async Task NoteOpenRollupsAsync(CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } behind;)
        {
            after = await writer.DoAsync(
                session =>
                {
                    session.Forward.Now = Now;
                    return session.Forward.NoteOpen(behind, Slice);
                },
                Slice,
                cancellationToken);
        }
    }

    /// <summary>
    /// Forgets some of what waits under settings that have changed since: it would use up the bound, and go out when the settings change
    /// back.
    /// </summary>
    /// <returns>How many messages and rollups; zeros when none is left.</returns>
    public Task<(long Messages, long Rollups)> ForgetUnwantedAsync(CancellationToken cancellationToken) =>
        writer.DoAsync(session => session.Forward.ForgetUnwanted(ForgetSlice), Slice, cancellationToken);

    public async Task BeginAfterAsync(IReadOnlyList<long> positions, CancellationToken cancellationToken)
    {
        await DoAsync(session => session.Forward.BeginAfter(positions), cancellationToken);
        writer.Progress.HasBegun = true;
    }

    public Task<ForwardDue> ReadDueAsync(int max, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            var found = new List<ForwardRollup>();
            var added = 0L;
            foreach (var resolution in SeriesRow.Resolutions.Reverse().Where(_ => max > 0)) // days and hours are few, and must not starve
            {
                using var rows = new Statement(
                    connection,
                    "SELECT f.series, f.start, o.name, s.topic, s.field, s.unit, "
                    + "coalesce(r.count, p.count), coalesce(r.sum, p.sum), coalesce(r.min, p.min), coalesce(r.max, p.max), "
                    + $"coalesce(r.last, p.last), coalesce(r.last_time, p.last_time) {Due}");
                var lastStart = LastStart(resolution);
                var readTo = writer.Progress.Read(resolution, lastStart); // before the rows, so that a later change is noted
                added += Count(connection, resolution, readTo ?? lastStart, lastStart);
                rows.With((long)resolution, lastStart, max - found.Count);
                while (rows.Step())
                {
                    found.Add(new ForwardRollup(
                        rows.Long(0),
                        resolution,
                        rows.Long(1),
                        rows.IsNull(6) || keep.IsTooOld(resolution, rows.Long(1), Now) ? null : ReadSum(rows, 6, rows.Long(1)),
                        rows.Text(2),
                        rows.Text(3),
                        rows.Text(4),
                        rows.Text(5)));
                }
            }

            return new ForwardDue(found, added, ReadLanes(connection)); // after the rollups: it covers them
        },
        cancellationToken);

    public Task<IReadOnlyList<ForwardMessage>> ReadMessagesAsync(Lane lane, long after, long upTo, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<ForwardMessage>>(
            connection =>
            {
                using var rows = new Statement(
                    connection,
                    "SELECT id, source, time, topic, payload FROM outbox WHERE lane = ?1 AND id > ?2 AND id <= ?3 ORDER BY id LIMIT ?4");
                rows.With((long)lane, after, upTo, Batch.MaxMessages);
                var found = new List<ForwardMessage>();
                for (var room = Batch.TargetBytes; room > 0 && rows.Step();)
                {
                    var message = new ForwardMessage(
                        rows.Long(0), rows.Text(1), lane, rows.Long(2), rows.Text(3), rows.Bytes(4));
                    room -= message.Topic.Length + message.Payload.Length;
                    found.Add(message);
                }

                return found;
            },
            cancellationToken);

    public Task DeleteMessagesAsync(Lane lane, long upTo, CancellationToken cancellationToken) =>
        DoAsync(session => session.Forward.DeleteMessages(lane, upTo), cancellationToken);

    public Task DeleteRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken) => DoAsync(
        session =>
        {
            session.WriteSeries(); // else a rollup that this transaction has changed would look unchanged
            session.Forward.DeleteRollups(rollups);
        },
        cancellationToken);

    public async Task<ForwardBacklog> BoundAsync(long max, long maxBytes, CancellationToken cancellationToken)
    {
        var (messages, bytes, rollups) = await reader.ReadAsync(
            connection => ReadLanes(connection) is var lanes
                ? (lanes.Sum(lane => lane.Messages), lanes.Sum(lane => lane.Bytes), CountDue(connection))
                : default,
            cancellationToken);
        var droppedMessages = new long[Enum.GetValues<Lane>().Length];
        foreach (var lane in Enum.GetValues<Lane>()) // bulk first
        {
            for (var (count, size) = (1L, 0L); count > 0 && (messages > max || bytes > maxBytes);)
            {
                (count, size) = await writer.DoAsync(
                    session => session.Forward.DropMessages(lane, messages - max, bytes - maxBytes, Slice), Slice, cancellationToken);
                (messages, bytes) = (messages - count, bytes - size);
                droppedMessages[(int)lane] += count;
            }
        }

        var droppedRollups = 0L;
        foreach (var resolution in SeriesRow.Resolutions) // the shortest first: the others have their sums
        {
            droppedRollups += await DropAsync(
                rollups - droppedRollups - max,
                (session, count) =>
                {
                    session.WriteSeries();
                    return session.Forward.DropRollups(resolution, LastStart(resolution), count);
                },
                cancellationToken);
        }

        return new ForwardBacklog(messages, bytes, rollups - droppedRollups, droppedMessages, droppedRollups);
    }

    /// <summary>Drops a number of things in slices, as far as there are so many, and returns how many.</summary>
    private async Task<long> DropAsync(long tooMany, Func<SqliteSession, long, long> drop, CancellationToken cancellationToken)
    {
        var dropped = 0L;
        while (dropped < tooMany)
        {
            var count = Math.Min(Slice, tooMany - dropped);
            var done = await writer.DoAsync(session => drop(session, count), Slice, cancellationToken);
            dropped += done;
            if (done < count)
            {
                break;
            }
        }

        return dropped;
    }

    private static ForwardLane[] ReadLanes(SqliteConnection connection)
    {
        var lanes = new ForwardLane[Enum.GetValues<Lane>().Length];
        using var rows = new Statement(
            connection,
            "SELECT lane, added, messages, bytes, (SELECT coalesce(max(id), 0) FROM outbox o WHERE o.lane = l.lane) FROM outbox_lanes l");
        while (rows.Step())
        {
            lanes[rows.Long(0)] = new ForwardLane(rows.Long(1), rows.Long(2), rows.Long(3), rows.Long(4));
        }

        return lanes;
    }

    private long CountDue(SqliteConnection connection) =>
        SeriesRow.Resolutions.Sum(resolution => Count(connection, resolution, long.MinValue, LastStart(resolution)));

    private static long Count(SqliteConnection connection, Resolution resolution, long after, long upTo)
    {
        using var count = new Statement(
            connection, "SELECT COUNT(*) FROM forward_rollups WHERE resolution = ?1 AND start > ?2 AND start <= ?3");
        count.With((long)resolution, after, upTo).Step();
        return count.Long(0);
    }

    public static RollupSum ReadSum(Statement row, int column, long start) => new()
    {
        Start = start,
        Count = row.Long(column),
        Sum = row.Double(column + 1),
        Min = row.Double(column + 2),
        Max = row.Double(column + 3),
        Last = row.Double(column + 4),
        LastTime = row.Long(column + 5),
    };

    /// <summary>The last beginning of a rollup whose time is over.</summary>
    private long LastStart(Resolution resolution) =>
        Now - RollupSum.LengthOf(resolution) - (long)HubForwarder.Grace.TotalMilliseconds;

    private Task<bool> DoAsync(Action<SqliteSession> action, CancellationToken cancellationToken) => writer.DoAsync(
        session =>
        {
            action(session);
            return true;
        },
        Batch.MaxMessages,
        cancellationToken);
}
