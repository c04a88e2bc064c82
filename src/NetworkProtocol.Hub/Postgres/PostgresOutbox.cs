using System.Text;
using Npgsql;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The rows that wait for the next hub, and where its lanes stand, in the transactions of a <see cref="PostgresForwardSession"/>. The rows
/// of a lane of a source are in their order, because each of its transactions holds the source. Rows of another source may appear before
/// others that are there already.
/// </summary>
internal sealed class PostgresOutbox(NpgsqlConnection connection)
{
    /// <summary>How many rows a transaction deletes or notes at most.</summary>
    public const int Slice = 5_000;

    /// <summary>Of how many pages the size of the rows is estimated, about: 16 MiB. The size of fewer pages is exact.</summary>
    private const int SampledPages = 2_000;

    /// <summary>The size of a row, as that of the store Sqlite.</summary>
    private const string Size = "(octet_length(source) + octet_length(topic) + octet_length(payload) + 50)";

    /// <returns>Null if the lane has not begun.</returns>
    public async Task<PostgresForwardLane?> ReadLaneAsync(Lane lane)
    {
        await using var command = new NpgsqlCommand(
            "SELECT epoch, is_fresh, mark, checksum, lost, dropped, untold, pending FROM hub.forward_lanes WHERE lane = $1", connection)
        {
            Parameters = { Of((int)lane) },
        };
        await using var rows = await command.ExecuteReaderAsync();
        return !await rows.ReadAsync() ? null : new PostgresForwardLane(
            lane,
            rows.GetInt64(0),
            rows.GetBoolean(1),
            rows.GetInt64(2),
            await rows.IsDBNullAsync(3) ? null : (uint)rows.GetInt64(3),
            rows.GetInt64(4),
            rows.GetInt64(5),
            rows.GetInt64(6),
            await rows.GetFieldValueAsync<long[]>(7));
    }

    public Task WriteLaneAsync(PostgresForwardLane lane) => ExecuteAsync(
        "INSERT INTO hub.forward_lanes (lane, epoch, is_fresh, mark, checksum, lost, dropped, untold, pending) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        + "ON CONFLICT (lane) DO UPDATE SET epoch = excluded.epoch, is_fresh = excluded.is_fresh, mark = excluded.mark, "
        + "checksum = excluded.checksum, lost = excluded.lost, dropped = excluded.dropped, untold = excluded.untold, "
        + "pending = excluded.pending",
        Of((int)lane.Lane),
        Of(lane.Epoch),
        Of(lane.IsFresh),
        Of(lane.Mark),
        Of((long?)lane.Checksum),
        Of(lane.Lost),
        Of(lane.Dropped),
        Of(lane.Untold),
        Of(lane.Pending));

    /// <summary>Finds the rows of the next batch. A rollup that waits for an alarm ends it.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="most">How many rows.</param>
    /// <param name="canGo">Whether something of a source with a topic can go.</param>
    /// <returns>The rows, and those before them that cannot go.</returns>
    public async Task<(long[] Chosen, long[] Refused)> ChooseAsync(
        Lane lane, int most, Func<string, string, bool> canGo)
    {
        await using var command = new NpgsqlCommand(
            "SELECT id, source, topic, octet_length(payload), "
            + $"after_alarm >= (SELECT min(id) FROM hub.outbox WHERE lane = {(int)Lane.Alarm}) "
            + "FROM hub.outbox WHERE lane = $1 ORDER BY id LIMIT $2",
            connection)
        {
            Parameters = { Of((int)lane), Of(Batch.MaxMessages) }, // some may be refused
        };
        await using var rows = await command.ExecuteReaderAsync();
        var (chosen, refused, room) = (new List<long>(), new List<long>(), Batch.TargetBytes);
        while (chosen.Count < most && await rows.ReadAsync())
        {
            var (id, source, topic, payload) = (rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetInt32(3));
            if (!canGo(source, topic))
            {
                refused.Add(id);
                continue;
            }

            room -= Encoding.UTF8.GetByteCount(ForwardTopic.Of(source, topic)) + payload;
            if ((room < 0 && chosen.Count > 0) || (!await rows.IsDBNullAsync(4) && rows.GetBoolean(4)))
            {
                break;
            }

            chosen.Add(id);
        }

        return ([.. chosen], [.. refused]);
    }

    /// <summary>Reads rows as messages that have no number yet.</summary>
    public async Task<IReadOnlyDictionary<long, BatchMessage>> ReadAsync(Lane lane, long[] ids)
    {
        await using var command = new NpgsqlCommand(
            "SELECT id, source, time, topic, payload FROM hub.outbox WHERE lane = $1 AND id = ANY ($2)", connection)
        {
            Parameters = { Of((int)lane), Of(ids) },
        };
        await using var rows = await command.ExecuteReaderAsync();
        var found = new Dictionary<long, BatchMessage>(ids.Length);
        while (await rows.ReadAsync())
        {
            found.Add(rows.GetInt64(0), new BatchMessage(
                0, rows.GetInt64(2), ForwardTopic.Of(rows.GetString(1), rows.GetString(3)), await rows.GetFieldValueAsync<byte[]>(4)));
        }

        return found;
    }

    /// <returns>The sources and topics of what was deleted.</returns>
    public async Task<IReadOnlyList<(string Source, string Topic)>> DeleteAsync(Lane lane, long[] ids)
    {
        await using var command = new NpgsqlCommand(
            "DELETE FROM hub.outbox WHERE lane = $1 AND id = ANY ($2) RETURNING source, topic", connection)
        {
            Parameters = { Of((int)lane), Of(ids) },
        };
        await using var rows = await command.ExecuteReaderAsync();
        var deleted = new List<(string, string)>(ids.Length);
        while (await rows.ReadAsync())
        {
            deleted.Add((rows.GetString(0), rows.GetString(1)));
        }

        return deleted;
    }

    /// <summary>
    /// Adds rollups, which wait for all alarms that are there. A rollup has its own time, and the message's says how long it was on its
    /// way.
    /// </summary>
    public Task AddRollupsAsync(IReadOnlyCollection<ForwardRollup> rollups, long now) => ExecuteAsync(
        "INSERT INTO hub.outbox (lane, source, time, topic, payload, after_alarm) "
        + $"SELECT {(int)Lane.Bulk}, source, $1, topic, payload, (SELECT max(id) FROM hub.outbox WHERE lane = {(int)Lane.Alarm}) "
        + "FROM unnest($2, $3, $4) u (source, topic, payload)",
        Of(now),
        Of(rollups.Select(one => one.Source).ToArray()),
        Of(rollups.Select(one => one.Topic).ToArray()),
        Of(rollups.Select(one => one.Report!.Encode()).ToArray()));

    /// <summary>Finds the rows that have appeared behind one.</summary>
    /// <returns>How many there are, and the last one.</returns>
    public async Task<(long Count, long Last)> FindAfterAsync(Lane lane, long after)
    {
        var found = await AskAsync(
            "SELECT ARRAY[count(*), coalesce(max(id), $2)] FROM hub.outbox WHERE lane = $1 AND id > $2", Of((int)lane), Of(after));
        return (found[0], found[1]);
    }

    /// <summary>The last row of a lane; 0 if there is none.</summary>
    public async Task<long> LastAsync(Lane lane) =>
        (await AskAsync("SELECT ARRAY[coalesce(max(id), 0)] FROM hub.outbox WHERE lane = $1", Of((int)lane)))[0];

    /// <summary>Counts the rows of each lane, up to a number, and estimates their size.</summary>
    public async Task<(long[] Rows, long Bytes)> CountAsync(long max, CancellationToken cancellationToken)
    {
        var rows = await AskAsync(
            "SELECT ARRAY (SELECT (SELECT count(*) FROM (SELECT FROM hub.outbox WHERE lane = one LIMIT $2) few) "
            + "FROM unnest($1) WITH ORDINALITY lanes (one, place) ORDER BY place)",
            cancellationToken,
            Of(Enum.GetValues<Lane>().Select(lane => (int)lane).ToArray()),
            Of(max));

        // The size of the table is not that of its rows: it does not shrink when they go. To read all rows would take minutes.
        var pages = (await AskAsync(
            "SELECT ARRAY[pg_relation_size('hub.outbox') / current_setting('block_size')::bigint]", cancellationToken))[0];
        var sample = await AskAsync(
            $"SELECT ARRAY[count(*), coalesce(sum({Size}), 0)::bigint] FROM hub.outbox TABLESAMPLE SYSTEM ($1)",
            cancellationToken,
            Of((float)Math.Min(100, 100.0 * SampledPages / Math.Max(1, pages))));
        return (rows, pages <= SampledPages ? sample[1] : (long)((double)rows.Sum() * sample[1] / Math.Max(1, sample[0])));
    }

    /// <summary>How many bulk messages there are, at most a number.</summary>
    public async Task<long> CountBulkAsync(long max) => (await AskAsync(
        $"SELECT ARRAY[count(*)] FROM (SELECT FROM hub.outbox WHERE lane = {(int)Lane.Bulk} LIMIT $1) few", Of(max)))[0];

    /// <summary>
    /// Drops the oldest rows behind those that are on their way, until they are a number and a size, or <see cref="Slice"/>.
    /// </summary>
    /// <returns>How many, and their size.</returns>
    public async Task<(long Count, long Bytes)> DropAsync(Lane lane, long[] pending, long count, long bytes)
    {
        var dropped = await AskAsync(
            $"WITH first AS (SELECT id, {Size} AS size FROM hub.outbox WHERE lane = $1 AND id > $2 ORDER BY id LIMIT {Slice}), "
            + "summed AS (SELECT id, size, row_number() OVER (ORDER BY id) AS place, "
            + "sum(size) OVER (ORDER BY id) - size AS before FROM first), "
            + "dropped AS (DELETE FROM hub.outbox WHERE lane = $1 AND id = ANY (ARRAY ("
            + "SELECT id FROM summed WHERE place <= $3 OR before < $4)) RETURNING id) "
            + "SELECT ARRAY[count(*), coalesce(sum(size), 0)::bigint] FROM dropped JOIN summed USING (id)",
            Of((int)lane),
            Of(pending.LastOrDefault()),
            Of(count),
            Of(bytes));
        return (dropped[0], dropped[1]);
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private Task<long[]> AskAsync(string sql, params NpgsqlParameter[] parameters) => AskAsync(sql, CancellationToken.None, parameters);

    private async Task<long[]> AskAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return (long[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<long> ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync();
    }
}
