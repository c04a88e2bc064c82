using System.Runtime.InteropServices;
using Npgsql;
using NpgsqlTypes;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>The readings, rollups and last values that a transaction collects before it writes them at once.</summary>
/// <param name="forwardsRollups">Whether the next hub is to get rollups that change.</param>
internal sealed class PostgresRows(bool forwardsRollups)
{
    private static readonly Resolution[] Resolutions = [Resolution.Minute, Resolution.Hour, Resolution.Day];

    // A sum of float8 that overflows is an error of the server, and an infinite one would not fit into JSON.
    private const string MergeRollups =
        "INSERT INTO hub.rollups AS r (series, resolution, start, count, sum, min, max, last, last_time) "
        + "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        + "ON CONFLICT (series, resolution, start) DO UPDATE SET count = r.count + excluded.count, "
        + "sum = CASE WHEN excluded.sum > 0 "
        + "THEN CASE WHEN r.sum > 1.797e308 - excluded.sum THEN 1.7976931348623157e308 ELSE r.sum + excluded.sum END "
        + "ELSE CASE WHEN r.sum < -1.797e308 - excluded.sum THEN -1.7976931348623157e308 ELSE r.sum + excluded.sum END END, "
        + "min = least(r.min, excluded.min), max = greatest(r.max, excluded.max), "
        + "last = CASE WHEN excluded.last_time >= r.last_time THEN excluded.last ELSE r.last END, "
        + "last_time = greatest(r.last_time, excluded.last_time)";

    private const string SetRollups =
        "INSERT INTO hub.rollups (series, resolution, start, count, sum, min, max, last, last_time) "
        + "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        + "ON CONFLICT (series, resolution, start) DO UPDATE SET count = excluded.count, sum = excluded.sum, min = excluded.min, "
        + "max = excluded.max, last = excluded.last, last_time = excluded.last_time";

    private const string LockRollups =
        "SELECT FROM hub.rollups r JOIN unnest($1, $2, $3) k (series, resolution, start) "
        + "ON r.series = k.series AND r.resolution = k.resolution AND r.start = k.start "
        + "ORDER BY r.series, r.resolution, r.start FOR NO KEY UPDATE OF r";

    // The rows of the rollups are locked before their notes are looked for: see PostgresForwardRollups.
    private const string NoteBegin = "WITH changed AS (";

    private const string NoteEnd = " RETURNING resolution, start, series) INSERT INTO hub.forward_rollups (resolution, start, series) "
        + "SELECT resolution, start, series FROM changed ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING";

    private const string MergeLast =
        "INSERT INTO hub.latest AS l (series, unit, time, value, payload) SELECT * FROM unnest($1, $2, $3, $4, $5) "
        + "ON CONFLICT (series) DO UPDATE SET unit = CASE WHEN excluded.unit <> '' THEN excluded.unit ELSE l.unit END, "
        + "time = excluded.time, value = excluded.value, payload = excluded.payload WHERE excluded.time >= l.time";

    private readonly List<PostgresReading> _readings = [];
    private readonly Dictionary<(PostgresSeries Series, Resolution Resolution, long Start), RollupSum> _rollups = [];
    private readonly Dictionary<(PostgresSeries Series, Resolution Resolution, long Start), RollupSum> _whole = [];
    private readonly Dictionary<PostgresSeries, PostgresLast> _lasts = [];

    public void Add(PostgresSeries series, in PayloadValue value, long stream, long sequence, int part)
    {
        _readings.Add(new PostgresReading(series, value.Time, stream, sequence, part, value.Value, default));
        SawLast(series, new PostgresLast(value.Unit, value.Time, value.Value, default));
        foreach (var resolution in Resolutions)
        {
            var length = RollupSum.LengthOf(resolution);
            var start = value.Time - (value.Time % length);
            var added = RollupSum.Of(start, value.Time, value.Value);
            var rollups = _whole.ContainsKey((series, resolution, start)) ? _whole : _rollups;
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(rollups, (series, resolution, start), out var exists);
            if (exists)
            {
                sum.Add(added);
            }
            else
            {
                sum = added;
            }
        }
    }

    public void Add(PostgresSeries series, in BatchMessage message, long stream, int part)
    {
        _readings.Add(new PostgresReading(series, message.Time, stream, message.Sequence, part, null, message.Payload));
        SawLast(series, new PostgresLast("", message.Time, null, message.Payload));
    }

    /// <summary>Takes a rollup as it is, in place of the one that the series has.</summary>
    public void Add(PostgresSeries series, RollupReport report)
    {
        var key = (series, (Resolution)report.Seconds, report.Start);
        _rollups.Remove(key); // what was added is in the report
        _whole[key] = RollupSum.Of(report);
        SawLast(series, new PostgresLast(report.Unit, report.LastTime, report.Last, default));
    }

    /// <summary>Writes the readings. All series must have their numbers.</summary>
    public async Task CopyAsync(NpgsqlConnection connection)
    {
        if (_readings.Count == 0)
        {
            return;
        }

        _readings.Sort((one, other) => (one.Series.Id, one.Time).CompareTo((other.Series.Id, other.Time))); // as in the index
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY hub.readings (series, time, stream, sequence, part, value, payload) FROM STDIN (FORMAT BINARY)");
        foreach (var reading in _readings)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(reading.Series.Id, NpgsqlDbType.Bigint);
            await copy.WriteAsync(reading.Time, NpgsqlDbType.Bigint);
            await copy.WriteAsync(reading.Stream, NpgsqlDbType.Bigint);
            await copy.WriteAsync(reading.Sequence, NpgsqlDbType.Bigint);
            await copy.WriteAsync(reading.Part, NpgsqlDbType.Integer);
            if (reading.Value is { } number)
            {
                await copy.WriteAsync(number, NpgsqlDbType.Double);
                await copy.WriteNullAsync();
            }
            else
            {
                await copy.WriteNullAsync();
                await copy.WriteAsync(reading.Payload, NpgsqlDbType.Bytea);
            }
        }

        await copy.CompleteAsync();
    }

    /// <summary>Adds the statements that write the rollups and the last values.</summary>
    public void Write(NpgsqlBatch batch)
    {
        if (_rollups.Count > 0 && _whole.Count > 0)
        {
            Lock(batch);
        }

        Write(batch, forwardsRollups ? NoteBegin + MergeRollups + NoteEnd : MergeRollups, _rollups);
        Write(batch, forwardsRollups ? NoteBegin + SetRollups + NoteEnd : SetRollups, _whole);
        if (_lasts.Count > 0)
        {
            var lasts = _lasts.OrderBy(one => one.Key.Id).ToArray();
            batch.BatchCommands.Add(new NpgsqlBatchCommand(MergeLast)
            {
                Parameters =
                {
                    Of(lasts, one => one.Key.Id), Of(lasts, one => one.Value.Unit), Of(lasts, one => one.Value.Time),
                    Of(lasts, one => one.Value.Value), Of(lasts, one => one.Value.Value is null ? one.Value.Payload.ToArray() : null),
                },
            });
        }
    }

    public void Clear()
    {
        _readings.Clear();
        _rollups.Clear();
        _whole.Clear();
        _lasts.Clear();
    }

    // Each of the two statements locks rows in their order, but the rows of both together have one order, too.
    private void Lock(NpgsqlBatch batch)
    {
        var keys = _rollups.Keys.Concat(_whole.Keys).ToArray();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockRollups)
        {
            Parameters = { Of(keys, key => key.Series.Id), Of(keys, key => (int)key.Resolution), Of(keys, key => key.Start) },
        });
    }

    private static void Write(
        NpgsqlBatch batch, string sql, Dictionary<(PostgresSeries Series, Resolution Resolution, long Start), RollupSum> sums)
    {
        if (sums.Count == 0)
        {
            return;
        }

        // In the order of the index, in which rows are locked, too.
        var rollups = sums.OrderBy(one => (one.Key.Series.Id, one.Key.Resolution, one.Key.Start)).ToArray();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                Of(rollups, one => one.Key.Series.Id), Of(rollups, one => (int)one.Key.Resolution), Of(rollups, one => one.Key.Start),
                Of(rollups, one => one.Value.Count), Of(rollups, one => one.Value.Sum), Of(rollups, one => one.Value.Min),
                Of(rollups, one => one.Value.Max), Of(rollups, one => one.Value.Last), Of(rollups, one => one.Value.LastTime),
            },
        });
    }

    // Late data says neither what the last value is nor its unit.
    private void SawLast(PostgresSeries series, in PostgresLast last)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_lasts, series, out var exists);
        if (!exists)
        {
            known = last;
        }
        else if (last.Time >= known.Time)
        {
            known = last.Unit.Length > 0 ? last : last with { Unit = known.Unit };
        }
    }

    private static NpgsqlParameter<T[]> Of<TRow, T>(TRow[] rows, Func<TRow, T> select) =>
        new() { TypedValue = Array.ConvertAll(rows, row => select(row)) };
}
