using Npgsql;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The rollups that the next hub does not have as they are, in the transactions of a <see cref="PostgresForwardSession"/>. Each transaction
/// that changes a rollup makes sure, while it holds the rollup's row, that the note is there. A note is deleted while its rollup's row is
/// held and has not changed since it was read. So no change is without a note that comes after it.
/// </summary>
internal sealed class PostgresForwardRollups(NpgsqlConnection connection, HubRetentionOptions keep)
{
    public static readonly Resolution[] Resolutions = [Resolution.Minute, Resolution.Hour, Resolution.Day];

    // A note that another transaction holds is left for the next time, so that no two transactions wait for each other.
    private const string DeleteOldest = "DELETE FROM hub.forward_rollups WHERE ctid = ANY (ARRAY (SELECT ctid FROM hub.forward_rollups "
        + "WHERE resolution = $1 AND start <= $2 ORDER BY start, series LIMIT $3 FOR UPDATE SKIP LOCKED))";

    /// <summary>
    /// Notes the rollups that are being filled and whose time is not over, of a number of series behind one.
    /// </summary>
    /// <returns>The last of these series; null if there is none behind it.</returns>
    public async Task<long?> NoteOpenAsync(long after, long now)
    {
        await using var command = new NpgsqlCommand(
            "WITH part AS MATERIALIZED (SELECT id FROM hub.series WHERE id > $1 ORDER BY id LIMIT $2), noted AS ("
            + "INSERT INTO hub.forward_rollups (resolution, start, series) SELECT r.resolution, r.start, r.series "
            + "FROM part CROSS JOIN unnest($3) seconds CROSS JOIN LATERAL (SELECT * FROM hub.rollups "
            + "WHERE series = part.id AND resolution = seconds AND start > $4 - seconds * 1000::bigint) r "
            + "ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING) SELECT max(id) FROM part",
            connection)
        {
            Parameters =
            {
                Of(after), Of((long)PostgresOutbox.Slice), Of(Resolutions.Select(resolution => (int)resolution).ToArray()), Of(now),
            },
        };
        return await command.ExecuteScalarAsync() as long?;
    }

    /// <summary>
    /// Reads rollups whose time is over, and locks them until the transaction ends: days and hours first, because they are few and must not
    /// starve, and of each length the oldest. Those that a transaction is changing are left for the next time, so that it and this one
    /// never wait for each other.
    /// </summary>
    public async Task<IReadOnlyList<ForwardRollup>> LockDueAsync(int max, long now)
    {
        var found = new List<ForwardRollup>();
        foreach (var resolution in Enumerable.Reverse(Resolutions))
        {
            await using var command = new NpgsqlCommand(
                "SELECT f.series, f.start, o.name, s.topic, s.field, coalesce(l.unit, ''), "
                + "r.count, r.sum, r.min, r.max, r.last, r.last_time "
                + "FROM hub.forward_rollups f "
                + "JOIN hub.rollups r ON r.series = f.series AND r.resolution = f.resolution AND r.start = f.start "
                + "JOIN hub.series s ON s.id = f.series JOIN hub.sources o ON o.id = s.source "
                + "LEFT JOIN hub.latest l ON l.series = f.series WHERE f.resolution = $1 AND f.start <= $2 AND f.start > $4 "
                + "ORDER BY f.start, f.series LIMIT $3 FOR NO KEY UPDATE OF r SKIP LOCKED",
                connection)
            {
                Parameters =
                {
                    Of((int)resolution), Of(LastStart(resolution, now)), Of((long)max - found.Count), Of(LastTooOld(resolution, now)),
                },
            };
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                var sum = new RollupSum
                {
                    Start = rows.GetInt64(1),
                    Count = rows.GetInt64(6),
                    Sum = rows.GetDouble(7),
                    Min = rows.GetDouble(8),
                    Max = rows.GetDouble(9),
                    Last = rows.GetDouble(10),
                    LastTime = rows.GetInt64(11),
                };
                found.Add(new ForwardRollup(
                    rows.GetInt64(0),
                    resolution,
                    sum.Start,
                    sum,
                    rows.GetString(2),
                    rows.GetString(3),
                    rows.GetString(4),
                    rows.GetString(5)));
            }
        }

        return found;
    }

    /// <summary>Forgets rollups that are locked.</summary>
    public async Task ForgetAsync(IReadOnlyCollection<ForwardRollup> rollups)
    {
        await using var command = new NpgsqlCommand(
            "DELETE FROM hub.forward_rollups f USING unnest($1, $2, $3) n (resolution, start, series) "
            + "WHERE f.resolution = n.resolution AND f.start = n.start AND f.series = n.series",
            connection)
        {
            Parameters =
            {
                Of(rollups.Select(one => (int)one.Resolution).ToArray()), Of(rollups.Select(one => one.Start).ToArray()),
                Of(rollups.Select(one => one.Series).ToArray()),
            },
        };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Forgets some of those that this hub keeps no longer, or that late data has begun anew after they were deleted: the next hub may have
    /// more of them.
    /// </summary>
    public async Task<IReadOnlyList<(long Series, Resolution Resolution, long Start)>> ForgetTooOldAsync(long now)
    {
        var forgotten = new List<(long, Resolution, long)>();
        foreach (var resolution in Resolutions)
        {
            await using var command = new NpgsqlCommand(
                DeleteOldest + " RETURNING series, start",
                connection)
            {
                Parameters = { Of((int)resolution), Of(LastTooOld(resolution, now)), Of((long)PostgresOutbox.Slice) },
            };
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                forgotten.Add((rows.GetInt64(0), resolution, rows.GetInt64(1)));
            }
        }

        return forgotten;
    }

    /// <summary>How many wait whose time is over.</summary>
    /// <param name="now">The time.</param>
    /// <param name="before">Only those whose time was not over then; null: all.</param>
    /// <param name="max">Where the count ends; null: nowhere.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<long> CountDueAsync(
        long now, long? before = null, long? max = null, CancellationToken cancellationToken = default)
    {
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM (SELECT FROM hub.forward_rollups f JOIN unnest($1, $2, $3) due (resolution, last_start, after) "
            + "ON f.resolution = due.resolution AND f.start <= due.last_start AND f.start > due.after LIMIT $4) few",
            connection)
        {
            Parameters =
            {
                Of(Resolutions.Select(resolution => (int)resolution).ToArray()),
                Of(Resolutions.Select(resolution => LastStart(resolution, now)).ToArray()),
                Of(Resolutions.Select(resolution => before is { } then ? LastStart(resolution, then) : long.MinValue).ToArray()),
                Of(max),
            },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Drops the oldest whose time is over, and returns how many.</summary>
    public async Task<long> DropAsync(Resolution resolution, long now, long count)
    {
        await using var command = new NpgsqlCommand(
            DeleteOldest,
            connection)
        {
            Parameters = { Of((int)resolution), Of(LastStart(resolution, now)), Of(count) },
        };
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The last beginning of a rollup whose time is over.</summary>
    private static long LastStart(Resolution resolution, long now) =>
        now - RollupSum.LengthOf(resolution) - (long)HubForwarder.Grace.TotalMilliseconds;

    /// <summary>The last beginning of a rollup that is too old to be kept.</summary>
    private long LastTooOld(Resolution resolution, long now) => keep.KeptOf(resolution) is var kept && kept > TimeSpan.Zero
        ? now - (long)kept.TotalMilliseconds - RollupSum.LengthOf(resolution)
        : long.MinValue;

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
