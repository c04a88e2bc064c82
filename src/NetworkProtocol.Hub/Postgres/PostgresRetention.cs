using Npgsql;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// Deletes what is too old: whole partitions of readings, and rollups in slices, each a transaction, whose size follows the time that the
/// last one took. Of several nodes one does it at a time; the others find the lock taken and do nothing.
/// </summary>
internal sealed class PostgresRetention(
    PostgresDatabase database, PostgresPartitions partitions, HubRetentionOptions keep, bool forwards, TimeProvider time)
{
    private const int SmallestSlice = 100;
    private const int LargestSlice = 20_000;

    /// <summary>What a slice aims at. It may take twice as long.</summary>
    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(20);

    // A node that forwards forgets them itself, and counts them. Notes are locked in the order of their key, as everywhere.
    private readonly string _forget = forwards ? "" : ", held AS MATERIALIZED (SELECT f.ctid FROM hub.forward_rollups f JOIN old "
        + "ON f.start = old.start AND f.series = old.series WHERE f.resolution = $1 ORDER BY f.start, f.series FOR UPDATE OF f), "
        + "noted AS (DELETE FROM hub.forward_rollups WHERE ctid = ANY (ARRAY (SELECT ctid FROM held)))";

    private int _slice = 1_000;

    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await partitions.CreateAheadAsync(connection, now.ToUnixTimeMilliseconds(), cancellationToken);
            await database.MeasureAsync(connection, cancellationToken); // for the metrics: nobody else may ask
            if (!await IsMineAsync(connection, cancellationToken))
            {
                return;
            }

            try
            {
                await DeleteAsync(connection, now, cancellationToken);
            }
            finally
            {
                await ReleaseAsync(connection);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            throw database.Explain(e);
        }
    }

    private static async Task<bool> IsMineAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({PostgresLocks.Retention})", connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // A connection that is lost has lost its locks, too.
    private static async Task ReleaseAsync(NpgsqlConnection connection)
    {
        if (connection.FullState == System.Data.ConnectionState.Open)
        {
            await using var command = new NpgsqlCommand($"SELECT pg_advisory_unlock({PostgresLocks.Retention})", connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    private async Task DeleteAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        (Resolution, TimeSpan)[] all = [(Resolution.Minute, keep.Minutes), (Resolution.Hour, keep.Hours), (Resolution.Day, keep.Days)];
        foreach (var (resolution, kept) in all)
        {
            if (kept > TimeSpan.Zero)
            {
                // A rollup goes when all of it is too old.
                var before = (now - kept).ToUnixTimeMilliseconds() - RollupSum.LengthOf(resolution) + 1;
                await DeleteRollupsAsync(connection, resolution, before, cancellationToken);
            }
        }

        if (keep.Raw > TimeSpan.Zero)
        {
            await partitions.DropAsync(connection, (now - keep.Raw).ToUnixTimeMilliseconds(), cancellationToken);
        }
    }

    private async Task DeleteRollupsAsync(
        NpgsqlConnection connection, Resolution resolution, long before, CancellationToken cancellationToken)
    {
        while (true)
        {
            var limit = _slice;
            var began = time.GetTimestamp();

            // A rollup that late data is correcting is left for the next time, so that no writer and this wait for each other.
            await using var delete = new NpgsqlCommand(
                "WITH old AS (DELETE FROM hub.rollups WHERE ctid = ANY (ARRAY (SELECT ctid FROM hub.rollups "
                + "WHERE resolution = $1 AND start < $2 ORDER BY start LIMIT $3 FOR UPDATE SKIP LOCKED)) RETURNING start, series)"
                + $"{_forget} SELECT count(*) FROM old",
                connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<int> { TypedValue = (int)resolution }, new NpgsqlParameter<long> { TypedValue = before },
                    new NpgsqlParameter<int> { TypedValue = limit },
                },
            };
            if ((long)(await delete.ExecuteScalarAsync(cancellationToken))! < limit)
            {
                return;
            }

            var took = time.GetElapsedTime(began);
            _slice = Math.Clamp(took > Aim ? limit / 2 : took < Aim / 2 ? limit * 2 : limit, SmallestSlice, LargestSlice);
        }
    }
}
