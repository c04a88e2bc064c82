using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;
using NetworkProtocol.Hub.Values;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// The series, readings and rollups in the writer's transaction. Readings are written at once; the rollups and the last value of a series
/// are collected in memory, and written once when the transaction ends.
/// </summary>
internal sealed class SqliteSeries(SqliteStatements sql, StoreLimits limits, SqliteSources sources, SqliteForwardTables forward)
{
    private const int CacheGeneration = 50_000;

    private readonly SeriesCache<SeriesRow> _cache = new(CacheGeneration);
    private readonly HashSet<SeriesRow> _changed = [];
    private readonly Dictionary<(SeriesRow Series, Resolution Resolution, long Start), RollupSum> _closed = [];

    /// <returns>Why the message must be put aside; null if it is stored.</returns>
    public string? Store(SourceRow source, LaneRow lane, BatchMessage message, in PayloadValues values)
    {
        if (values.Rollup is { } report)
        {
            return StoreRollup(source, message, report);
        }

        // The series come first: a message that may not have all of them is put aside as a whole.
        var problem = values.KeepsBytes ? CreateMissing(source, message, "", "") : null;
        for (var i = 0; i < values.Count && problem is null; i++)
        {
            problem = CreateMissing(source, message, values[i].Field, values[i].Unit);
        }

        if (problem is not null)
        {
            return problem;
        }

        var stream = sources.StreamOf(source, lane);
        for (var i = 0; i < values.Count; i++)
        {
            StoreNumber(Get(source, message.Topic, values[i].Field)!, values[i], stream, message.Sequence, i);
        }

        if (values.KeepsBytes)
        {
            StoreBytes(Get(source, message.Topic, "")!, message, stream, values.Count);
        }

        return null;
    }

    public void Write()
    {
        foreach (var ((series, resolution, start), sum) in _closed)
        {
            Write(sql.AddRollup, series.Id, resolution, start, sum);
        }

        _closed.Clear();
        foreach (var series in _changed)
        {
            WriteLast(series);
            for (var i = 0; i < SeriesRow.Resolutions.Length; i++)
            {
                if (series.OpenChanged[i] && series.Open[i] is { } sum)
                {
                    Write(sql.ReplaceOpen, series.Id, SeriesRow.Resolutions[i], sum.Start, sum);
                }
            }

            series.Written();
        }

        _changed.Clear();
        forward.Write();
    }

    public void Age() => _cache.Age();

    public void Forget()
    {
        _cache.Clear();
        _changed.Clear();
        _closed.Clear();
        forward.Clear();
    }

    public int DeleteReadings(long series, long before, int limit)
    {
        var at = sql.FindReadingAt.With(series, before, limit);
        if (at.Step())
        {
            var (time, stream, sequence, part) = (at.Long(0), at.Long(1), at.Long(2), at.Long(3));
            at.Reset();
            sql.DeleteReadingsTo.With(series, time, stream, sequence, part).Run();
            return limit;
        }

        sql.DeleteReadings.With(series, before).Run();
        return Changes();
    }

    public int DeleteRollups(long series, Resolution resolution, long before, int limit)
    {
        Write(); // else a rollup that this transaction has changed would be written after it was deleted
        var at = sql.FindRollupAt.With(series, (long)resolution, before, limit);
        if (at.Step())
        {
            var start = at.Long(0);
            at.Reset();
            sql.DeleteRollups.With(series, (long)resolution, start).Run();
            return limit;
        }

        sql.DeleteRollups.With(series, (long)resolution, before).Run();
        var deleted = Changes();
        sql.DeleteOpen.With(series, (long)resolution, before).Run();
        if (Changes() > 0)
        {
            ForgetOne(series);
        }

        return deleted;
    }

    // The cache has the rollup that was deleted. Its other series are those of sources that are sending.
    private void ForgetOne(long series)
    {
        if (sql.FindSeriesKey.With(series).Step())
        {
            _cache.Remove(new SeriesKey(sql.FindSeriesKey.Long(0), sql.FindSeriesKey.Text(1), sql.FindSeriesKey.Text(2)));
        }

        sql.FindSeriesKey.Reset();
    }

    private static void Write(Statement statement, long series, Resolution resolution, long start, in RollupSum sum) => statement
        .With(series, (long)resolution, start, sum.Count)
        .Bind(5, sum.Sum)
        .Bind(6, sum.Min)
        .Bind(7, sum.Max)
        .Bind(8, sum.Last)
        .Bind(9, sum.LastTime)
        .Run();

    private void WriteLast(SeriesRow series)
    {
        if (!series.IsChanged)
        {
            return;
        }

        switch (series.Pending)
        {
            case double number:
                sql.UpdateSeries.Bind(1, series.Id).Bind(2, series.Unit).Bind(3, series.LastTime).Bind(4, number).Run();
                break;
            case ReadOnlyMemory<byte> bytes:
                sql.UpdateSeries.Bind(1, series.Id).Bind(2, series.Unit).Bind(3, series.LastTime).Bind(4, bytes.Span).Run();
                break;
        }
    }

    private void StoreNumber(SeriesRow series, in PayloadValue value, long stream, long sequence, int part)
    {
        sql.InsertReading.With(series.Id, value.Time, stream, sequence, part).Bind(6, value.Value).Run();
        series.SawLast(value.Time, value.Value, value.Unit);
        _changed.Add(series);
        for (var i = 0; i < SeriesRow.Resolutions.Length; i++)
        {
            AddTo(series, i, value);
        }
    }

    private void StoreBytes(SeriesRow series, BatchMessage message, long stream, int part)
    {
        sql.InsertReading.With(series.Id, message.Time, stream, message.Sequence, part).Bind(6, message.Payload.Span).Run();
        series.SawLast(message.Time, message.Payload, "");
        _changed.Add(series);
    }

    /// <summary>Adds a number to the open rollup; a later one closes it first, and an earlier one belongs to a closed one.</summary>
    private void AddTo(SeriesRow series, int index, in PayloadValue value)
    {
        var length = RollupSum.LengthOf(SeriesRow.Resolutions[index]);
        var added = RollupSum.Of(value.Time - (value.Time % length), value.Time, value.Value);
        if (series.Open[index] is not { } open)
        {
            series.Open[index] = added;
            forward.Note(series.Id, SeriesRow.Resolutions[index], added.Start);
        }
        else if (added.Start == open.Start)
        {
            open.Add(added);
            series.Open[index] = open;
            forward.NoteChange(series.Id, SeriesRow.Resolutions[index], added.Start);
        }
        else if (added.Start > open.Start)
        {
            AddClosed(series, SeriesRow.Resolutions[index], open);
            series.Open[index] = added;
            forward.Note(series.Id, SeriesRow.Resolutions[index], added.Start);
        }
        else
        {
            AddClosed(series, SeriesRow.Resolutions[index], added);
            forward.Note(series.Id, SeriesRow.Resolutions[index], added.Start);
            return;
        }

        series.OpenChanged[index] = true;
    }

    private void AddClosed(SeriesRow series, Resolution resolution, in RollupSum sum)
    {
        var key = (series, resolution, sum.Start);
        if (_closed.TryGetValue(key, out var before))
        {
            before.Add(sum);
            _closed[key] = before;
        }
        else
        {
            _closed.Add(key, sum);
        }
    }

    /// <summary>Takes a rollup as it is, in place of the one that the series has.</summary>
    private string? StoreRollup(SourceRow source, BatchMessage message, RollupReport report)
    {
        if (CreateMissing(source, message, report.Field, report.Unit) is { } problem)
        {
            return problem;
        }

        var series = Get(source, message.Topic, report.Field)!;
        var index = Array.IndexOf(SeriesRow.Resolutions, (Resolution)report.Seconds);
        var sum = RollupSum.Of(report);
        if (series.Open[index] is not { } open || sum.Start >= open.Start)
        {
            if (series.Open[index] is { } before && before.Start < sum.Start)
            {
                AddClosed(series, SeriesRow.Resolutions[index], before);
            }

            (series.Open[index], series.OpenChanged[index]) = (sum, true);
        }
        else
        {
            // What was added is in the report, or comes with the next one.
            _closed.Remove((series, SeriesRow.Resolutions[index], sum.Start));
            Write(sql.ReplaceRollup, series.Id, SeriesRow.Resolutions[index], sum.Start, sum);
        }

        series.SawLast(report.LastTime, report.Last, report.Unit);
        _changed.Add(series);
        forward.Note(series.Id, SeriesRow.Resolutions[index], sum.Start);
        return null;
    }

    private string? CreateMissing(SourceRow source, BatchMessage message, string field, string unit)
    {
        if (Get(source, message.Topic, field) is not null)
        {
            return null;
        }

        if (source.Series >= limits.SeriesOfSource)
        {
            return StoreLimits.TooManyOfSource(source.Series);
        }

        if (sources.Series >= limits.Series)
        {
            return StoreLimits.TooMany(sources.Series);
        }

        // The time is the earliest there is, so that the first reading is the last one.
        sql.InsertSeries.Bind(1, source.Id).Bind(2, message.Topic).Bind(3, field).Bind(4, unit).Bind(5, -1L).Step();
        var series = new SeriesRow(sql.InsertSeries.Long(0), unit, -1);
        sql.InsertSeries.Run();
        sources.HasNewSeries(source);
        _cache.Add(new SeriesKey(source.Id, message.Topic, field), series);
        return null;
    }

    private SeriesRow? Get(SourceRow source, string topic, string field)
    {
        var key = new SeriesKey(source.Id, topic, field);
        if (_cache.Find(key) is { } known)
        {
            return known;
        }

        var find = sql.FindSeries.Bind(1, source.Id).Bind(2, topic).Bind(3, field);
        if (!find.Step())
        {
            return null;
        }

        var series = new SeriesRow(find.Long(0), find.Text(1), find.Long(2));
        find.Reset();
        var open = sql.FindOpen.With(series.Id);
        while (open.Step())
        {
            series.Open[Array.IndexOf(SeriesRow.Resolutions, (Resolution)open.Long(0))] = new RollupSum
            {
                Start = open.Long(1),
                Count = open.Long(2),
                Sum = open.Double(3),
                Min = open.Double(4),
                Max = open.Double(5),
                Last = open.Double(6),
                LastTime = open.Long(7),
            };
        }

        _cache.Add(key, series);
        return series;
    }

    private int Changes()
    {
        sql.Changes.Step();
        var changes = (int)sql.Changes.Long(0);
        sql.Changes.Reset();
        return changes;
    }
}
