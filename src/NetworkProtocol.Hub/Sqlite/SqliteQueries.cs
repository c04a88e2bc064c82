using System.Text;
using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// The queries of <see cref="IHubReader"/>. Each reads one row more than asked for, to know whether there is a next part.
/// </summary>
internal static class SqliteQueries
{
    private const string SourcesList = "sources";
    private const string SeriesList = "series";
    private const string LatestList = "latest";
    private const string ReadingsList = "readings";
    private const string RollupsList = "rollups";
    private const string DeadLettersList = "dead";
    private const string LossesList = "losses";

    private const string SeriesColumns = "SELECT s.id, o.name, s.topic, s.field, s.unit, s.last_time, s.last_value ";

    public static Func<SqliteConnection, Slice<SourceInfo>> Sources(HubQuery query)
    {
        var after = Place.TextsOf(SourcesList, query, 1);
        return connection =>
        {
            using var rows = new Statement(
                connection,
                "SELECT o.name, o.identity, o.first_seen, o.last_seen, l.lane, l.epoch, l.mark, l.messages, l.duplicates, l.lost, "
                + "l.dead_letters, l.last_time, l.last_arrival, l.behind "
                + "FROM (SELECT * FROM sources WHERE name > ?1 ORDER BY name LIMIT ?2) o "
                + "LEFT JOIN lanes l ON l.source = o.id ORDER BY o.name, l.lane");
            rows.Bind(1, after?[0] ?? "").Bind(2, query.Size + 1L);
            var sources = new List<SourceInfo>();
            var lanes = new List<LaneInfo>();
            while (rows.Step())
            {
                if (sources.Count == 0 || sources[^1].Name != rows.Text(0))
                {
                    sources.Add(new SourceInfo(rows.Text(0), rows.Text(1), Time(rows.Long(2)), Time(rows.Long(3)), lanes = []));
                }

                if (!rows.IsNull(4))
                {
                    lanes.Add(LaneOf(rows));
                }
            }

            return Part(sources, query, source => Place.Of(SourcesList, source.Name));
        };
    }

    public static Func<SqliteConnection, Slice<SeriesInfo>> Series(string? source, string? topic, HubQuery query)
    {
        var after = Place.TextsOf(SeriesList, query, 3);
        return connection =>
        {
            var series = new List<SeriesInfo>();
            if (after is not null && (source is null || source == after[0]))
            {
                Collect(after[0], after); // the rest of the source in which the last part ended
            }

            if (source is null || after is null)
            {
                Collect(source, null);
            }

            return Part(series, query, one => Place.Of(SeriesList, one.Source, one.Topic, one.Field));

            void Collect(string? only, string[]? behind)
            {
                if (series.Count > query.Size)
                {
                    return;
                }

                // CROSS JOIN keeps the order of the tables, so that the rows come in the order of the two indexes.
                using var rows = new Statement(
                    connection,
                    SeriesColumns + "FROM sources o CROSS JOIN series s ON s.source = o.id WHERE s.last_time >= 0"
                    + (only is not null ? " AND o.name = ?1" : " AND o.name > ?1")
                    + (behind is not null ? " AND (s.topic, s.field) > (?3, ?4)" : "")
                    + Below(topic)
                    + " ORDER BY o.name, s.topic, s.field LIMIT ?2");
                rows.Bind(1, only ?? after?[0] ?? "").Bind(2, query.Size + 1L - series.Count);
                if (behind is not null)
                {
                    rows.Bind(3, behind[1]).Bind(4, behind[2]);
                }

                BindTopic(rows, topic);
                while (rows.Step())
                {
                    series.Add(SeriesOf(rows));
                }
            }
        };
    }

    public static Func<SqliteConnection, SeriesInfo?> FindSeries(long series) => connection =>
    {
        using var rows = new Statement(
            connection, SeriesColumns + "FROM series s JOIN sources o ON o.id = s.source WHERE s.id = ?1 AND s.last_time >= 0");
        return rows.Bind(1, series).Step() ? SeriesOf(rows) : null;
    };

    /// <summary>
    /// The statement of <see cref="Latest"/>. It finds the series first and reads their values then: a sort of all series would carry all
    /// last payloads along.
    /// </summary>
    internal static string TextOfLatest(string? source, string? topic) =>
        SeriesColumns + "FROM (SELECT s.id, s.last_time FROM series s WHERE s.last_time >= 0 AND (s.last_time, s.id) < (?1, ?2)"
        + (source is not null ? " AND s.source = (SELECT id FROM sources WHERE name = ?3)" : "")
        + Below(topic)
        + " ORDER BY s.last_time DESC, s.id DESC LIMIT ?4) found JOIN series s ON s.id = found.id JOIN sources o ON o.id = s.source "
        + "ORDER BY found.last_time DESC, found.id DESC";

    public static Func<SqliteConnection, Slice<Reading>> Latest(string? source, string? topic, HubQuery query)
    {
        var after = Place.NumbersOf(LatestList, query, 2);
        return connection =>
        {
            using var rows = new Statement(connection, TextOfLatest(source, topic));
            rows.Bind(1, after?[0] ?? long.MaxValue).Bind(2, after?[1] ?? long.MaxValue).Bind(4, query.Size + 1L);
            if (source is not null)
            {
                rows.Bind(3, source);
            }

            BindTopic(rows, topic);
            var readings = new List<Reading>();
            while (rows.Step())
            {
                readings.Add(SeriesOf(rows).Last);
            }

            return Part(readings, query, one => Place.Of(LatestList, one.Time.ToUnixTimeMilliseconds(), one.Series));
        };
    }

    public static Func<SqliteConnection, Slice<Reading>> Readings(long series, TimeRange span, HubQuery query)
    {
        var after = Place.NumbersOf(ReadingsList, query, 4);
        return connection =>
        {
            if (FindSeries(series)(connection) is not { } known)
            {
                return new Slice<Reading>([], null);
            }

            using var rows = new Statement(
                connection,
                "SELECT time, stream, sequence, part, value FROM readings WHERE series = ?1 AND time >= ?2 AND time < ?3"
                + (after is not null ? " AND (time, stream, sequence, part) < (?5, ?6, ?7, ?8)" : "")
                + " ORDER BY time DESC, stream DESC, sequence DESC, part DESC LIMIT ?4");
            rows.With(series, span.FirstMillisecond, span.EndMillisecond, query.Size + 1L);
            for (var i = 0; i < after?.Length; i++)
            {
                rows.Bind(5 + i, after[i]);
            }

            var readings = new List<(Reading Reading, long Stream, long Sequence, long Part)>();
            while (rows.Step())
            {
                readings.Add((ReadingOf(known, rows, 0, 4), rows.Long(1), rows.Long(2), rows.Long(3)));
            }

            var part = Part(
                readings,
                query,
                row => Place.Of(ReadingsList, row.Reading.Time.ToUnixTimeMilliseconds(), row.Stream, row.Sequence, row.Part));
            return new Slice<Reading>([.. part.Items.Select(row => row.Reading)], part.Next);
        };
    }

    public static Func<SqliteConnection, Slice<Rollup>> Rollups(long series, Resolution resolution, TimeRange span, HubQuery query)
    {
        var after = Place.NumbersOf(RollupsList, query, 1);
        return connection =>
        {
            const string Condition = "WHERE series = ?1 AND resolution = ?2 AND start >= ?3 AND start < ?4 AND start > ?5 ";
            using var rows = new Statement(
                connection,
                $"SELECT start, count, sum, min, max, last FROM rollups {Condition} UNION ALL "
                + $"SELECT start, count, sum, min, max, last FROM open_rollups {Condition} ORDER BY 1 LIMIT ?6");
            rows.With(series, (long)resolution, span.FirstMillisecond, span.EndMillisecond, after?[0] ?? long.MinValue, query.Size + 1L);
            var rollups = new List<Rollup>();
            while (rows.Step())
            {
                rollups.Add(new Rollup(
                    Time(rows.Long(0)), rows.Long(1), rows.Double(2), rows.Double(3), rows.Double(4), rows.Double(5)));
            }

            return Part(rollups, query, one => Place.Of(RollupsList, one.Start.ToUnixTimeMilliseconds()));
        };
    }

    public static Func<SqliteConnection, Slice<DeadLetter>> DeadLetters(string? source, HubQuery query)
    {
        var after = Place.NumbersOf(DeadLettersList, query, 1);
        return connection =>
        {
            using var rows = new Statement(
                connection,
                "SELECT o.name, d.sequence, d.time, d.topic, d.payload, d.reason, d.id FROM dead_letters d "
                + $"JOIN sources o ON o.id = d.source WHERE d.id < ?1 {OfSource("d", source)}ORDER BY d.id DESC LIMIT ?2");
            rows.With(after?[0] ?? long.MaxValue, query.Size + 1L);
            BindSource(rows, source);
            var letters = new List<(DeadLetter Letter, long Id)>();
            while (rows.Step())
            {
                letters.Add((
                    new DeadLetter(rows.Text(0), rows.Long(1), Time(rows.Long(2)), rows.Text(3), rows.Bytes(4), rows.Text(5)),
                    rows.Long(6)));
            }

            var part = Part(letters, query, row => Place.Of(DeadLettersList, row.Id));
            return new Slice<DeadLetter>([.. part.Items.Select(row => row.Letter)], part.Next);
        };
    }

    public static Func<SqliteConnection, Slice<LossInfo>> Losses(string? source, HubQuery query)
    {
        var after = Place.NumbersOf(LossesList, query, 1);
        return connection =>
        {
            using var rows = new Statement(
                connection,
                "SELECT l.id, o.name, l.lane, l.epoch, l.first, l.count, l.reason, l.at FROM losses l "
                + $"JOIN sources o ON o.id = l.source WHERE l.id < ?1 {OfSource("l", source)}ORDER BY l.id DESC LIMIT ?2");
            rows.With(after?[0] ?? long.MaxValue, query.Size + 1L);
            BindSource(rows, source);
            var losses = new List<LossInfo>();
            while (rows.Step())
            {
                losses.Add(new LossInfo(
                    rows.Long(0), rows.Text(1), (Lane)rows.Long(2), rows.Long(3), rows.Long(4), rows.Long(5), (LossReason)rows.Long(6),
                    Time(rows.Long(7))));
            }

            return Part(losses, query, loss => Place.Of(LossesList, loss.Id));
        };
    }

    public static Func<SqliteConnection, HubTotals> Totals(SqliteFile file) => connection =>
    {
        using var sources = new Statement(connection, "SELECT COUNT(*), COALESCE(SUM(series), 0) FROM sources");
        using var lanes = new Statement(
            connection,
            "SELECT COALESCE(SUM(messages), 0), COALESCE(SUM(duplicates), 0), TOTAL(lost), COALESCE(SUM(dead_letters), 0) FROM lanes");
        sources.Step();
        lanes.Step();

        // An edge may declare any number as lost, and SUM would fail where the sum overflows.
        var lost = lanes.Double(2) is var total && total < long.MaxValue ? (long)total : long.MaxValue;
        return new HubTotals(
            sources.Long(0), sources.Long(1), lanes.Long(0), lanes.Long(1), lost, lanes.Long(3), file.Length, file.FreeBytes);
    };

    /// <summary>The series that have readings before a time, among the next 1,000 series.</summary>
    /// <returns>Their numbers, and the last series that was looked at; null if there is none behind it.</returns>
    public static Func<SqliteConnection, (List<long> Series, long? Last)> WithOldReadings(long after, long before) =>
        WithOld(after, before, 0, "EXISTS (SELECT 1 FROM readings WHERE series = s.id AND time < ?2)");

    /// <summary>Likewise for rollups that start before a time.</summary>
    public static Func<SqliteConnection, (List<long> Series, long? Last)> WithOldRollups(long after, long before, Resolution resolution) =>
        WithOld(
            after,
            before,
            (long)resolution,
            "EXISTS (SELECT 1 FROM rollups WHERE series = s.id AND resolution = ?3 AND start < ?2) "
            + "OR EXISTS (SELECT 1 FROM open_rollups WHERE series = s.id AND resolution = ?3 AND start < ?2)");

    private static Func<SqliteConnection, (List<long> Series, long? Last)> WithOld(
        long after, long before, long resolution, string condition) => connection =>
    {
        using var rows = new Statement(
            connection, $"SELECT s.id, {condition} FROM series s WHERE s.id > ?1 AND ?3 >= 0 ORDER BY s.id LIMIT 1000");
        rows.With(after, before, resolution);
        var found = new List<long>();
        long? last = null;
        while (rows.Step())
        {
            last = rows.Long(0);
            if (rows.Long(1) != 0)
            {
                found.Add(last.Value);
            }
        }

        return (found, last);
    };

    private static Slice<T> Part<T>(List<T> rows, HubQuery query, Func<T, string> place)
    {
        if (rows.Count <= query.Size)
        {
            return new Slice<T>(rows, null);
        }

        rows.RemoveRange(query.Size, rows.Count - query.Size);
        return new Slice<T>(rows, place(rows[^1]));
    }

    // '0' follows '/' in UTF-8, so the range has the topic, those below it, and a few like topic-2, which the rest of the condition
    // excludes.
    private static string Below(string? topic) => topic is null ? ""
        : " AND s.topic >= ?5 AND s.topic < ?5 || '0' AND (s.topic = ?5 OR substr(s.topic, 1, length(?5) + 1) = ?5 || '/')";

    private static void BindTopic(Statement rows, string? topic)
    {
        if (topic is not null)
        {
            rows.Bind(5, topic);
        }
    }

    private static string OfSource(string table, string? source) =>
        source is null ? "" : $"AND {table}.source = (SELECT id FROM sources WHERE name = ?3) ";

    private static void BindSource(Statement rows, string? source)
    {
        if (source is not null)
        {
            rows.Bind(3, source);
        }
    }

    private static LaneInfo LaneOf(Statement rows) => new(
        (Lane)rows.Long(4),
        rows.Long(5),
        rows.Long(6),
        rows.Long(7),
        rows.Long(8),
        rows.Long(9),
        rows.Long(10),
        rows.IsNull(11) ? null : Time(rows.Long(11)),
        rows.IsNull(12) ? null : Time(rows.Long(12)),
        rows.Long(13));

    private static SeriesInfo SeriesOf(Statement rows)
    {
        var series = new SeriesInfo(rows.Long(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Text(4), null!);
        return series with { Last = ReadingOf(series, rows, 5, 6) };
    }

    private static Reading ReadingOf(SeriesInfo series, Statement rows, int time, int value) => new(
        series.Id,
        series.Source,
        series.Topic,
        series.Field,
        series.Unit,
        Time(rows.Long(time)),
        rows.IsBytes(value) ? null : rows.Double(value),
        rows.IsBytes(value) ? rows.Bytes(value) : null);

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
