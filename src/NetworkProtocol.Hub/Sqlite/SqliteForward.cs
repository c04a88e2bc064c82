using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What the store keeps for the next hub: a reader finds it, and the writer deletes it.</summary>
internal sealed class SqliteForward(SqliteWriter writer, SqliteReader reader, TimeProvider time) : IForwardSource
{
    /// <summary>How many rows a transaction deletes or notes at most, so that no batch waits long behind it.</summary>
    private const int Slice = 5_000;

    private const string Due = "FROM forward_rollups f LEFT JOIN series s ON s.id = f.series LEFT JOIN sources o ON o.id = s.source "
        + "LEFT JOIN rollups r ON r.series = f.series AND r.resolution = f.resolution AND r.start = f.start "
        + "LEFT JOIN open_rollups p ON p.series = f.series AND p.resolution = f.resolution AND p.start = f.start "
        + "WHERE f.resolution = ?1 AND f.start <= ?2 ORDER BY f.start, f.series LIMIT ?3";

    private readonly Signal _signal = new();

    public Task Changed => _signal.Changed;

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

    public Task BeginAfterAsync(long position, CancellationToken cancellationToken) =>
        DoAsync(session => session.Forward.BeginAfter(position), cancellationToken);

    public Task<ForwardDue> ReadDueAsync(int max, CancellationToken cancellationToken) => reader.ReadAsync(
        connection =>
        {
            var found = new List<ForwardRollup>();
            foreach (var resolution in SeriesRow.Resolutions.Where(_ => max > 0))
            {
                using var rows = new Statement(
                    connection,
                    "SELECT f.series, f.start, o.name, s.topic, s.field, s.unit, "
                    + "coalesce(r.count, p.count), coalesce(r.sum, p.sum), coalesce(r.min, p.min), coalesce(r.max, p.max), "
                    + $"coalesce(r.last, p.last), coalesce(r.last_time, p.last_time) {Due}");
                rows.With((long)resolution, LastStart(resolution), max - found.Count);
                while (rows.Step())
                {
                    found.Add(new ForwardRollup(
                        rows.Long(0),
                        resolution,
                        rows.Long(1),
                        rows.IsNull(6) ? null : ReadSum(rows, 6, rows.Long(1)),
                        rows.Text(2),
                        rows.Text(3),
                        rows.Text(4),
                        rows.Text(5)));
                }
            }

            using var last = new Statement(connection, "SELECT coalesce(max(id), 0) FROM outbox"); // after the rollups: it covers them
            last.Step();
            return new ForwardDue(found, last.Long(0));
        },
        cancellationToken);

    public Task<IReadOnlyList<ForwardMessage>> ReadMessagesAsync(long after, long upTo, CancellationToken cancellationToken) =>
        reader.ReadAsync<IReadOnlyList<ForwardMessage>>(
            connection =>
            {
                using var rows = new Statement(
                    connection,
                    "SELECT id, source, lane, time, topic, payload FROM outbox WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3");
                rows.With(after, upTo, Batch.MaxMessages);
                var found = new List<ForwardMessage>();
                for (var room = Batch.TargetBytes; room > 0 && rows.Step();)
                {
                    var message = new ForwardMessage(
                        rows.Long(0), rows.Text(1), (Lane)rows.Long(2), rows.Long(3), rows.Text(4), rows.Bytes(5));
                    room -= message.Topic.Length + message.Payload.Length;
                    found.Add(message);
                }

                return found;
            },
            cancellationToken);

    public Task DeleteMessagesAsync(long upTo, CancellationToken cancellationToken) =>
        DoAsync(session => session.Forward.DeleteMessages(upTo), cancellationToken);

    public Task DeleteRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken) => DoAsync(
        session =>
        {
            session.WriteSeries(); // else a rollup that this transaction has changed would look unchanged
            session.Forward.DeleteRollups(rollups);
        },
        cancellationToken);

    public async Task<(long Waiting, long Dropped)> BoundAsync(long max, CancellationToken cancellationToken)
    {
        var (first, last, due) = await reader.ReadAsync(
            connection =>
            {
                using var ends = new Statement(connection, "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM outbox");
                ends.Step();
                using var count = new Statement(connection, "SELECT COUNT(*) FROM forward_rollups WHERE resolution = ?1 AND start <= ?2");
                return (ends.Long(0), ends.Long(1), SeriesRow.Resolutions.Sum(resolution =>
                {
                    count.With((long)resolution, LastStart(resolution)).Step();
                    var found = count.Long(0);
                    count.Reset();
                    return found;
                }));
            },
            cancellationToken);
        var keepFrom = last - max + 1;
        var dropped = Math.Max(0, keepFrom - first);
        for (var upTo = first; upTo < keepFrom;)
        {
            upTo = Math.Min(keepFrom, upTo + Slice);
            await DeleteMessagesAsync(upTo - 1, cancellationToken);
        }

        var tooMany = due - max;
        foreach (var resolution in SeriesRow.Resolutions) // the shortest first: the others have their sums
        {
            for (var deleted = 1L; tooMany > 0 && deleted > 0;)
            {
                var count = Math.Min(Slice, tooMany);
                deleted = await writer.DoAsync(
                    session =>
                    {
                        session.WriteSeries();
                        return session.Forward.DropRollups(resolution, LastStart(resolution), count);
                    },
                    Slice,
                    cancellationToken);
                tooMany -= deleted;
                dropped += deleted;
            }
        }

        return (Math.Min(max, last - first + 1) + Math.Min(max, due), dropped);
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
