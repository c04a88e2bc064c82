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

    /// <returns>Null if the lane has not begun.</returns>
    public async Task<PostgresForwardLane?> ReadLaneAsync(Lane lane)
    {
        await using var command = new NpgsqlCommand(
            "SELECT epoch, is_fresh, mark, checksum, lost, pending FROM hub.forward_lanes WHERE lane = $1", connection)
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
            await rows.GetFieldValueAsync<long[]>(5));
    }

    public Task WriteLaneAsync(PostgresForwardLane lane) => ExecuteAsync(
        "INSERT INTO hub.forward_lanes (lane, epoch, is_fresh, mark, checksum, lost, pending) VALUES ($1, $2, $3, $4, $5, $6, $7) "
        + "ON CONFLICT (lane) DO UPDATE SET epoch = excluded.epoch, is_fresh = excluded.is_fresh, mark = excluded.mark, "
        + "checksum = excluded.checksum, lost = excluded.lost, pending = excluded.pending",
        Of((int)lane.Lane),
        Of(lane.Epoch),
        Of(lane.IsFresh),
        Of(lane.Mark),
        Of((long?)lane.Checksum),
        Of(lane.Lost),
        Of(lane.Pending));

    /// <summary>Finds the rows of the next batch. A rollup that waits for an alarm ends it.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="most">How many rows.</param>
    /// <param name="canGo">Whether something of a source with a topic can go.</param>
    /// <returns>The rows, those before them that cannot go, and whether that is all there is.</returns>
    public async Task<(long[] Chosen, long[] Refused, bool IsAll)> ChooseAsync(
        Lane lane, int most, Func<string, string, bool> canGo)
    {
        await using var command = new NpgsqlCommand(
            "SELECT id, source, topic, octet_length(payload), "
            + $"after_alarm >= (SELECT min(id) FROM hub.outbox WHERE lane = {(int)Lane.Alarm}) "
            + "FROM hub.outbox WHERE lane = $1 ORDER BY id LIMIT $2",
            connection)
        {
            Parameters = { Of((int)lane), Of(most) },
        };
        await using var rows = await command.ExecuteReaderAsync();
        var (chosen, refused, room, read) = (new List<long>(), new List<long>(), Batch.TargetBytes, 0);
        for (; await rows.ReadAsync(); read++)
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
                return ([.. chosen], [.. refused], false);
            }

            chosen.Add(id);
        }

        return ([.. chosen], [.. refused], read < most);
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

    public Task<long> CountAsync() => AskAsync("SELECT count(*) FROM hub.outbox");

    /// <summary>How many bulk messages there are, at most a number.</summary>
    public Task<long> CountBulkAsync(long max) => AskAsync(
        $"SELECT count(*) FROM (SELECT FROM hub.outbox WHERE lane = {(int)Lane.Bulk} LIMIT $1) few", Of(max));

    /// <summary>Drops the oldest rows behind those that are on their way, and returns how many.</summary>
    public Task<long> DropAsync(Lane lane, long[] pending, long count) => ExecuteAsync(
        "DELETE FROM hub.outbox WHERE lane = $1 AND id = ANY (ARRAY ("
        + "SELECT id FROM hub.outbox WHERE lane = $1 AND id > $2 ORDER BY id LIMIT $3))",
        Of((int)lane),
        Of(pending.LastOrDefault()),
        Of(count));

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private async Task<long> AskAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<long> ExecuteAsync(string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync();
    }
}
