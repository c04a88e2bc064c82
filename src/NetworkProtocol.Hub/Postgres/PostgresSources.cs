using Npgsql;
using NpgsqlTypes;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The sources and lanes of a transaction. Their rows are read when they are locked, so no node has to know them from before. The lock of a
/// source covers its lanes, its series and their rollups: transactions of different sources change different rows.
/// </summary>
internal sealed class PostgresSources(NpgsqlConnection connection)
{
    private readonly Dictionary<string, SourceRow> _locked = new(StringComparer.Ordinal);

    /// <summary>
    /// The file of the table of series, and when the server has started: a database that another one has replaced differs in one of them,
    /// even if it is a copy.
    /// </summary>
    public string SeriesTable { get; private set; } = "";

    /// <summary>Begins the sources that do not exist, in a transaction of its own.</summary>
    /// <returns>How many sources there are.</returns>
    public static async Task<long> CreateAsync(
        NpgsqlConnection connection, IEnumerable<PostgresGreeting> greetings, StoreLimits limits)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        var count = await CountAsync(connection);
        foreach (var greeting in greetings.DistinctBy(greeting => greeting.Source))
        {
            if (count >= limits.Sources)
            {
                break;
            }

            await using var insert = new NpgsqlCommand(
                "INSERT INTO hub.sources (name, identity, first_seen, last_seen) VALUES ($1, $2, $3, $3) ON CONFLICT (name) DO NOTHING",
                connection)
            {
                Parameters = { Of(greeting.Source), Of(greeting.Identity), Of(greeting.Now) },
            };
            count += await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return count;
    }

    /// <summary>Locks the sources that exist, in the order of their numbers, and reads their lanes.</summary>
    public async Task LockAsync(IEnumerable<string> names)
    {
        _locked.Clear();
        var of = new NpgsqlParameter { Value = names.Distinct().ToArray() };
        await using var batch = new NpgsqlBatch(connection);

        // A node that loses its network holds its locks until the server gives it up. What was answered must survive, whatever the
        // database's own settings say.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "SELECT concat_ws(' ', pg_relation_filepath(to_regclass('hub.series')), pg_postmaster_start_time()), "
            + "set_config('idle_in_transaction_session_timeout', '30000', true), "
            + "CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "SELECT id, name, identity, last_seen, series FROM hub.sources WHERE name = ANY ($1) ORDER BY id FOR NO KEY UPDATE")
        {
            Parameters = { of },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "SELECT o.name, l.lane, l.epoch, l.mark, l.checksum, l.stream, l.messages, l.duplicates, l.lost, l.dead_letters, l.last_time, "
            + "l.last_arrival, l.behind FROM hub.sources o JOIN hub.lanes l ON l.source = o.id WHERE o.name = ANY ($1)")
        {
            Parameters = { of.Clone() },
        });
        await using var rows = await batch.ExecuteReaderAsync();
        await rows.ReadAsync();
        SeriesTable = rows.GetString(0);
        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            _locked.Add(rows.GetString(1), new SourceRow(rows.GetInt64(0), rows.GetString(1))
            {
                Identity = rows.GetString(2),
                LastSeen = rows.GetInt64(3),
                Series = rows.GetInt64(4),
            });
        }

        await rows.NextResultAsync();
        while (await rows.ReadAsync())
        {
            if (_locked.TryGetValue(rows.GetString(0), out var source)) // else it has begun between the two statements
            {
                source.Lanes.Add((Lane)rows.GetInt32(1), LaneOf(rows));
            }
        }
    }

    public bool Has(string name) => _locked.ContainsKey(name);

    /// <returns>Null if there is no such source.</returns>
    /// <exception cref="SourceRefusedException">The name belongs to another identity.</exception>
    public SourceRow? Find(string name, string identity, long now)
    {
        if (_locked.GetValueOrDefault(name) is not { } source)
        {
            return null;
        }

        if (source.Identity.Length == 0 && identity.Length > 0)
        {
            source.Identity = identity; // the hub has begun to ask for certificates
        }

        if (source.Identity != identity)
        {
            throw SourceRow.Refuse(source, identity);
        }

        (source.LastSeen, source.IsChanged) = (Math.Max(source.LastSeen, now), true);
        return source;
    }

    /// <summary>The number that readings of this lane and epoch have in their key.</summary>
    public async ValueTask<long> StreamOfAsync(SourceRow source, LaneRow lane)
    {
        if (lane.Stream == 0)
        {
            await using var insert = new NpgsqlCommand(
                "INSERT INTO hub.streams (source, lane, epoch) VALUES ($1, $2, $3) RETURNING id", connection)
            {
                Parameters = { Of(source.Id), Of((int)lane.Lane), Of(lane.State.Epoch) },
            };
            (lane.Stream, lane.IsChanged) = ((long)(await insert.ExecuteScalarAsync())!, true);
        }

        return lane.Stream;
    }

    /// <summary>Adds the statements that write what has changed.</summary>
    public void Write(NpgsqlBatch batch)
    {
        SourceRow[] sources = [.. _locked.Values.Where(source => source.IsChanged).OrderBy(source => source.Id)];
        if (sources.Length == 0)
        {
            return;
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "UPDATE hub.sources o SET identity = n.identity, last_seen = n.last_seen, series = n.series "
            + "FROM unnest($1, $2, $3, $4) n (id, identity, last_seen, series) WHERE o.id = n.id")
        {
            Parameters =
            {
                Of(sources, source => source.Id), Of(sources, source => source.Identity), Of(sources, source => source.LastSeen),
                Of(sources, source => source.Series),
            },
        });
        (SourceRow Source, LaneRow Lane)[] lanes =
            [.. sources.SelectMany(source => source.Lanes.Values.Where(lane => lane.IsChanged).Select(lane => (source, lane)))];
        if (lanes.Length > 0)
        {
            batch.BatchCommands.Add(WriteLanes(lanes));
        }

        Trim(batch, "losses", sources.Where(source => source.HasNewLosses));
        Trim(batch, "dead_letters", sources.Where(source => source.HasNewDeadLetters));
    }

    // A transaction that counts and one that begins something come after one another.
    private static async Task<long> CountAsync(NpgsqlConnection connection)
    {
        await using var count = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"SELECT pg_advisory_xact_lock({PostgresLocks.Growth})"),
                new NpgsqlBatchCommand("SELECT count(*) FROM hub.sources"),
            },
        };
        await using var rows = await count.ExecuteReaderAsync();
        await rows.NextResultAsync();
        await rows.ReadAsync();
        return rows.GetInt64(0);
    }

    private static LaneRow LaneOf(NpgsqlDataReader rows) => new(
        (Lane)rows.GetInt32(1), new LaneState(rows.GetInt64(2), rows.GetInt64(3), rows.IsDBNull(4) ? null : (uint)rows.GetInt64(4)))
    {
        Stream = rows.GetInt64(5),
        Messages = rows.GetInt64(6),
        Duplicates = rows.GetInt64(7),
        Lost = rows.GetInt64(8),
        DeadLetters = rows.GetInt64(9),
        LastTime = rows.IsDBNull(10) ? null : rows.GetInt64(10),
        LastArrival = rows.IsDBNull(11) ? null : rows.GetInt64(11),
        Behind = rows.GetInt64(12),
    };

    private static NpgsqlBatchCommand WriteLanes((SourceRow Source, LaneRow Lane)[] lanes) => new(
        "INSERT INTO hub.lanes SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
        + "ON CONFLICT (source, lane) DO UPDATE SET epoch = excluded.epoch, mark = excluded.mark, checksum = excluded.checksum, "
        + "stream = excluded.stream, messages = excluded.messages, duplicates = excluded.duplicates, lost = excluded.lost, "
        + "dead_letters = excluded.dead_letters, last_time = excluded.last_time, last_arrival = excluded.last_arrival, "
        + "behind = excluded.behind")
    {
        Parameters =
        {
            Of(lanes, row => row.Source.Id), Of(lanes, row => (int)row.Lane.Lane), Of(lanes, row => row.Lane.State.Epoch),
            Of(lanes, row => row.Lane.State.Mark), Of(lanes, row => (long?)row.Lane.State.Checksum), Of(lanes, row => row.Lane.Stream),
            Of(lanes, row => row.Lane.Messages), Of(lanes, row => row.Lane.Duplicates), Of(lanes, row => row.Lane.Lost),
            Of(lanes, row => row.Lane.DeadLetters), Of(lanes, row => row.Lane.LastTime), Of(lanes, row => row.Lane.LastArrival),
            Of(lanes, row => row.Lane.Behind),
        },
    };

    private static void Trim(NpgsqlBatch batch, string table, IEnumerable<SourceRow> sources)
    {
        foreach (var source in sources)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                $"DELETE FROM hub.{table} WHERE source = $1 AND id <= "
                + $"(SELECT id FROM hub.{table} WHERE source = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)")
            {
                Parameters = { Of(source.Id), Of((long)StoreLimits.KeptOfSource) },
            });
        }
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> Of<TRow, T>(TRow[] rows, Func<TRow, T> select) =>
        new() { TypedValue = Array.ConvertAll(rows, row => select(row)) };
}
