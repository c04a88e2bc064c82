using Npgsql;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The series of a transaction: finds those that exist, and begins the others as far as their number allows.</summary>
internal sealed class PostgresSeriesFinder(NpgsqlConnection connection, StoreLimits limits, PostgresSeriesCache cache)
{
    private readonly Dictionary<SeriesKey, PostgresSeries> _known = [];
    private readonly List<(SeriesKey Key, PostgresSeries Series, SourceRow Source)> _new = [];
    private long _clearings;
    private int _inserted;
    private long _total;
    private bool _isCounted;

    /// <summary>Begins, when the sources are locked.</summary>
    public void Begin(string seriesTable) => _clearings = cache.BelongTo(seriesTable);

    /// <summary>Finds the series of these messages.</summary>
    public async Task FindAsync(IEnumerable<PostgresMessage> messages)
    {
        var missing = new Dictionary<SeriesKey, SourceRow>();
        foreach (var message in messages)
        {
            foreach (var field in message.Fields())
            {
                var key = new SeriesKey(message.Source.Id, message.Message.Topic, field);
                if (!_known.ContainsKey(key) && !missing.ContainsKey(key))
                {
                    if (cache.Find(key, _clearings) is { } series)
                    {
                        _known.Add(key, series);
                    }
                    else
                    {
                        missing.Add(key, message.Source);
                    }
                }
            }
        }

        if (missing.Count > 0)
        {
            await ReadAsync(missing.Keys);
            if (!_isCounted && missing.Any(one => !_known.ContainsKey(one.Key) && one.Value.Series < limits.SeriesOfSource))
            {
                await CountAsync();
            }
        }
    }

    /// <summary>Makes sure that the series exists when the transaction ends.</summary>
    /// <returns>Why it cannot begin; null if it exists or begins.</returns>
    public string? Require(SourceRow source, string topic, string field)
    {
        var key = new SeriesKey(source.Id, topic, field);
        if (_known.ContainsKey(key))
        {
            return null;
        }

        if (source.Series >= limits.SeriesOfSource)
        {
            return StoreLimits.TooManyOfSource(source.Series);
        }

        if (_total >= limits.Series)
        {
            return StoreLimits.TooMany(_total);
        }

        var series = new PostgresSeries();
        _known.Add(key, series);
        _new.Add((key, series, source));
        source.Series++;
        _total++;
        return null;
    }

    public PostgresSeries Get(SourceRow source, string topic, string field) => _known[new SeriesKey(source.Id, topic, field)];

    /// <summary>Inserts the series that begin, after which all have numbers.</summary>
    public async Task InsertAsync()
    {
        if (_inserted == _new.Count)
        {
            return;
        }

        SeriesKey[] keys = [.. _new.Skip(_inserted).Select(one => one.Key)];
        await using var insert = new NpgsqlCommand(
            "INSERT INTO hub.series (source, topic, field) SELECT * FROM unnest($1, $2, $3) "
            + "ON CONFLICT (source, topic, field) DO UPDATE SET source = excluded.source RETURNING id, source, topic, field",
            connection);
        AddKeys(insert, keys);
        await using var rows = await insert.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            _known[new SeriesKey(rows.GetInt64(1), rows.GetString(2), rows.GetString(3))].Id = rows.GetInt64(0);
        }

        _inserted = _new.Count;
    }

    /// <summary>How many series have begun, for <see cref="Undo"/>.</summary>
    public int Begun => _new.Count;

    /// <summary>Takes back the series that have begun since <see cref="Begun"/>.</summary>
    public void Undo(int begun)
    {
        foreach (var (key, _, source) in _new.Skip(begun))
        {
            _known.Remove(key);
            source.Series--;
        }

        _new.RemoveRange(begun, _new.Count - begun);
        _inserted = Math.Min(_inserted, begun);
        _isCounted = false; // the lock that made the count right ended with the savepoint
    }

    /// <summary>The transaction is committed: the next ones find the series without asking.</summary>
    public void Committed() => cache.Add(_known, _clearings);

    private static void AddKeys(NpgsqlCommand command, SeriesKey[] keys)
    {
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(keys, key => key.Source) });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(keys, key => key.Topic) });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(keys, key => key.Field) });
    }

    private async Task ReadAsync(IEnumerable<SeriesKey> keys)
    {
        await using var find = new NpgsqlCommand(
            "SELECT s.id, s.source, s.topic, s.field FROM unnest($1, $2, $3) k (source, topic, field) "
            + "JOIN hub.series s ON s.source = k.source AND s.topic = k.topic AND s.field = k.field",
            connection);
        AddKeys(find, [.. keys]);
        await using var rows = await find.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            _known.Add(
                new SeriesKey(rows.GetInt64(1), rows.GetString(2), rows.GetString(3)), new PostgresSeries { Id = rows.GetInt64(0) });
        }
    }

    private async Task CountAsync()
    {
        await using var count = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand($"SELECT pg_advisory_xact_lock({PostgresLocks.Growth})"),
                new NpgsqlBatchCommand("SELECT coalesce(sum(series), 0)::bigint FROM hub.sources"),
            },
        };
        await using var rows = await count.ExecuteReaderAsync();
        await rows.NextResultAsync();
        await rows.ReadAsync();

        // Those that this transaction has begun are not in the sum: the sources are written when it ends.
        _total = rows.GetInt64(0) + _new.Count;
        _isCounted = true;
    }
}
