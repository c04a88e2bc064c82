using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The partitions of the readings, one for each day of UTC. Readings that are more than two months old come from a wrong clock or a very
/// late edge: where a month has no partition yet, one serves the whole month, so that a sensor whose clock runs through the decades makes
/// hundreds of tables and not ten thousands.
/// </summary>
internal sealed partial class PostgresPartitions
{
    /// <summary>How many days have their partitions before their first reading.</summary>
    private const int DaysAhead = 2;

    private static readonly TimeSpan Recent = TimeSpan.FromDays(62);

    private volatile IReadOnlyList<PostgresPartition> _known = [];

    /// <summary>Whether each of these times has a partition, as far as this node knows.</summary>
    public bool Cover(IEnumerable<long> days)
    {
        var known = _known;
        return days.All(day => known.Any(partition => partition.Covers(day)));
    }

    /// <summary>Forgets all partitions: another node may have dropped some.</summary>
    public void Forget() => _known = [];

    /// <summary>Creates the partitions of today and the next days.</summary>
    public Task CreateAheadAsync(NpgsqlConnection connection, long now, CancellationToken cancellationToken) =>
        CreateAsync(
            connection, Enumerable.Range(0, DaysAhead + 1).Select(day => now + (day * PostgresPartition.Day)), now, cancellationToken);

    /// <summary>Creates the partitions of these times that do not exist, in transactions of its own.</summary>
    public async Task CreateAsync(
        NpgsqlConnection connection, IEnumerable<long> times, long now, CancellationToken cancellationToken)
    {
        // A transaction holds a lock for each table that it creates, and the server has room for a few thousand of them.
        foreach (var part in times.Order().Chunk(64))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({PostgresLocks.Partitions})", cancellationToken);
            var all = await ListAsync(connection, cancellationToken);
            foreach (var time in part)
            {
                if (!all.Any(partition => partition.Covers(time)))
                {
                    all.Add(Choose(time, now, all));
                    await ExecuteAsync(connection, all[^1].Create, cancellationToken);
                }
            }

            await transaction.CommitAsync(cancellationToken);
            _known = all;
        }
    }

    /// <summary>Drops the partitions that end before a time, except those that are in use: the next time they go.</summary>
    public async Task DropAsync(NpgsqlConnection connection, long before, CancellationToken cancellationToken)
    {
        foreach (var partition in (await ListAsync(connection, cancellationToken)).Where(partition => partition.To <= before))
        {
            // While the drop waits for a query that reads, every writer waits behind the drop.
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, "SET LOCAL lock_timeout = 500", cancellationToken);
            if (!await TryLockAsync(connection, "LOCK TABLE ONLY hub.readings", cancellationToken))
            {
                return; // no partition could be dropped, and each would let the writers wait again
            }

            if (await TryLockAsync(connection, $"LOCK TABLE hub.{partition.Name}", cancellationToken))
            {
                await ExecuteAsync(connection, $"DROP TABLE hub.{partition.Name}", cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                _known = [.. _known.Where(known => known.Name != partition.Name)];
            }
        }
    }

    /// <returns>False if the table is in use for longer than writers may wait for it.</returns>
    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, sql, cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private static PostgresPartition Choose(long time, long now, List<PostgresPartition> all)
    {
        var month = PostgresPartition.OfMonth(time);
        return time < now - Recent.TotalMilliseconds && !all.Any(month.Overlaps) ? month : PostgresPartition.OfDay(time);
    }

    private static async Task<List<PostgresPartition>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            + "WHERE i.inhparent = 'hub.readings'::regclass AND c.relispartition " // else a chunk of TimescaleDB
            + "UNION ALL SELECT NULL, '' FROM pg_class WHERE oid = 'hub.readings'::regclass AND relkind = 'r'",
            connection);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<PostgresPartition>();
        while (await rows.ReadAsync(cancellationToken))
        {
            if (rows.IsDBNull(0))
            {
                return [PostgresPartition.Everything]; // its owner has replaced the table, by one of TimescaleDB for example
            }

            if (Bounds().Match(rows.GetString(1)) is { Success: true } bounds)
            {
                found.Add(new PostgresPartition(
                    rows.GetString(0),
                    long.Parse(bounds.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                    long.Parse(bounds.Groups[2].ValueSpan, CultureInfo.InvariantCulture)));
            }
        }

        return found;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // the names are made of numbers
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [GeneratedRegex(@"^FOR VALUES FROM \('(-?\d+)'\) TO \('(-?\d+)'\)$")]
    private static partial Regex Bounds();
}
