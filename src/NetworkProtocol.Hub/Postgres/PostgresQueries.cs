using System.Text;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Storage;
using Npgsql;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The queries of <see cref="IHubReader"/>. Each reads one row more than asked for, to know whether there is a next part.
/// </summary>
internal static class PostgresQueries
{
    private const string SourcesList = "sources";
    private const string SeriesList = "series";
    private const string LatestList = "latest";
    private const string ReadingsList = "readings";
    private const string RollupsList = "rollups";
    private const string DeadLettersList = "dead";
    private const string LossesList = "losses";

    private const string SeriesColumns = "SELECT s.id, o.name, s.topic, s.field, l.unit, l.time, l.value, l.payload ";

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<SourceInfo>>> Sources(HubQuery query)
    {
        var after = TextsOf(SourcesList, query, 1);
        return async (connection, cancellationToken) =>
        {
            await using var command = Make(
                connection,
                "SELECT o.name, o.identity, o.first_seen, o.last_seen, l.lane, l.epoch, l.mark, l.messages, l.duplicates, l.lost, "
                + "l.dead_letters, l.last_time, l.last_arrival, l.behind "
                + "FROM (SELECT * FROM hub.sources WHERE name > $1 ORDER BY name LIMIT $2) o "
                + "LEFT JOIN hub.lanes l ON l.source = o.id ORDER BY o.name, l.lane",
                after?[0] ?? "",
                query.Size + 1L);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var sources = new List<SourceInfo>();
            var lanes = new List<LaneInfo>();
            while (await rows.ReadAsync(cancellationToken))
            {
                if (sources.Count == 0 || sources[^1].Name != rows.GetString(0))
                {
                    lanes = [];
                    sources.Add(new SourceInfo(rows.GetString(0), rows.GetString(1), TimeOf(rows, 2), TimeOf(rows, 3), lanes));
                }

                if (!rows.IsDBNull(4))
                {
                    lanes.Add(LaneOf(rows));
                }
            }

            return Part(sources, query, source => Place.Of(SourcesList, source.Name));
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<SeriesInfo>>> Series(string? source, string? topic, HubQuery query)
    {
        var after = TextsOf(SeriesList, query, 3);
        return async (connection, cancellationToken) =>
        {
            var series = new List<SeriesInfo>();
            if (IsImpossible(source) || IsImpossible(topic))
            {
                return new Slice<SeriesInfo>(series, null);
            }

            // One source after the other, each in the order of its index, until there are enough: a join would sort all series.
            var of = new StringBuilder();
            var values = new List<object> { query.Size + 1L };
            if (source is not null)
            {
                values.Add(source);
                of.Append($" AND name = ${values.Count}");
            }

            var within = new StringBuilder("s.source = o.id");
            if (after is not null)
            {
                values.AddRange([after[0], after[1], after[2]]);
                of.Append($" AND name >= ${values.Count - 2}");
                within.Append($" AND (o.name > ${values.Count - 2} OR (s.topic, s.field) > (${values.Count - 1}, ${values.Count}))");
            }

            AppendTopic(within, values, topic);
            await using var command = Make(
                connection,
                SeriesColumns + $"FROM (SELECT id, name FROM hub.sources WHERE series > 0{of} ORDER BY name) o CROSS JOIN LATERAL "
                + $"(SELECT s.* FROM hub.series s WHERE {within} AND EXISTS (SELECT 1 FROM hub.latest WHERE series = s.id) "
                + "ORDER BY s.topic, s.field LIMIT $1) s JOIN hub.latest l ON l.series = s.id ORDER BY o.name, s.topic, s.field LIMIT $1",
                [.. values]);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                series.Add(SeriesOf(rows));
            }

            return Part(series, query, one => Place.Of(SeriesList, one.Source, one.Topic, one.Field));
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<SeriesInfo?>> FindSeries(long series) =>
        async (connection, cancellationToken) =>
        {
            await using var command = Make(
                connection,
                SeriesColumns + "FROM hub.series s JOIN hub.sources o ON o.id = s.source JOIN hub.latest l ON l.series = s.id "
                + "WHERE s.id = $1",
                series);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await rows.ReadAsync(cancellationToken) ? SeriesOf(rows) : null;
        };

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<Reading>>> Latest(string? source, string? topic, HubQuery query)
    {
        var after = Place.NumbersOf(LatestList, query, 2);
        return async (connection, cancellationToken) =>
        {
            var readings = new List<Reading>();
            if (IsImpossible(source) || IsImpossible(topic))
            {
                return new Slice<Reading>(readings, null);
            }

            // The series first and their values then: a sort of all series would carry all last payloads along.
            var sql = new StringBuilder(SeriesColumns).Append(
                "FROM (SELECT l.series, l.time FROM hub.latest l JOIN hub.series s ON s.id = l.series WHERE (l.time, l.series) < ($1, $2)");
            var values = new List<object> { after?[0] ?? long.MaxValue, after?[1] ?? long.MaxValue, query.Size + 1L };
            if (source is not null)
            {
                values.Add(source);
                sql.Append(" AND s.source = (SELECT id FROM hub.sources WHERE name = $4)");
            }

            AppendTopic(sql, values, topic);
            sql.Append(
                " ORDER BY l.time DESC, l.series DESC LIMIT $3) found JOIN hub.series s ON s.id = found.series "
                + "JOIN hub.sources o ON o.id = s.source JOIN hub.latest l ON l.series = s.id ORDER BY found.time DESC, found.series DESC");
            await using var command = Make(connection, sql.ToString(), [.. values]);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                readings.Add(SeriesOf(rows).Last);
            }

            return Part(readings, query, one => Place.Of(LatestList, one.Time.ToUnixTimeMilliseconds(), one.Series));
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<Reading>>> Readings(long series, TimeRange span, HubQuery query)
    {
        var after = Place.NumbersOf(ReadingsList, query, 4);
        return async (connection, cancellationToken) =>
        {
            if (await FindSeries(series)(connection, cancellationToken) is not { } known)
            {
                return new Slice<Reading>([], null);
            }

            // The time alone, which the row of the place has too, is what leaves out partitions.
            var values = new List<object> { series, span.FirstMillisecond, span.EndMillisecond, query.Size + 1L };
            values.AddRange((after ?? []).Select(part => (object)part));
            await using var command = Make(
                connection,
                "SELECT time, stream, sequence, part, value, payload FROM hub.readings WHERE series = $1 AND time >= $2 AND time < $3"
                + (after is not null ? " AND time <= $5 AND (time, stream, sequence, part) < ($5, $6, $7, $8)" : "")
                + " ORDER BY time DESC, stream DESC, sequence DESC, part DESC LIMIT $4",
                [.. values]);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var readings = new List<(Reading Reading, long Stream, long Sequence, long Part)>();
            while (await rows.ReadAsync(cancellationToken))
            {
                readings.Add((ReadingOf(known, rows, 0, 4), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt32(3)));
            }

            var part = Part(
                readings,
                query,
                row => Place.Of(ReadingsList, row.Reading.Time.ToUnixTimeMilliseconds(), row.Stream, row.Sequence, row.Part));
            return new Slice<Reading>([.. part.Items.Select(row => row.Reading)], part.Next);
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<Rollup>>> Rollups(
        long series, Resolution resolution, TimeRange span, HubQuery query)
    {
        var after = Place.NumbersOf(RollupsList, query, 1);
        return async (connection, cancellationToken) =>
        {
            await using var command = Make(
                connection,
                "SELECT start, count, sum, min, max, last FROM hub.rollups WHERE series = $1 AND resolution = $2 AND start >= $3 "
                + "AND start < $4 AND start > $5 ORDER BY start LIMIT $6",
                series,
                (int)resolution,
                span.FirstMillisecond,
                span.EndMillisecond,
                after?[0] ?? long.MinValue,
                query.Size + 1L);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            var rollups = new List<Rollup>();
            while (await rows.ReadAsync(cancellationToken))
            {
                rollups.Add(new Rollup(
                    TimeOf(rows, 0), rows.GetInt64(1), rows.GetDouble(2), rows.GetDouble(3), rows.GetDouble(4), rows.GetDouble(5)));
            }

            return Part(rollups, query, one => Place.Of(RollupsList, one.Start.ToUnixTimeMilliseconds()));
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<DeadLetter>>> DeadLetters(string? source, HubQuery query)
    {
        var after = Place.NumbersOf(DeadLettersList, query, 1);
        return async (connection, cancellationToken) =>
        {
            var letters = new List<(DeadLetter Letter, long Id)>();
            if (IsImpossible(source))
            {
                return new Slice<DeadLetter>([], null);
            }

            await using var command = MakeOfSource(
                connection,
                "SELECT o.name, d.sequence, d.time, d.topic, d.payload, d.reason, d.id FROM hub.dead_letters d "
                + "JOIN hub.sources o ON o.id = d.source",
                "d",
                source,
                after,
                query);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                letters.Add((
                    new DeadLetter(
                        rows.GetString(0), rows.GetInt64(1), TimeOf(rows, 2), rows.GetString(3), rows.GetFieldValue<byte[]>(4),
                        rows.GetString(5)),
                    rows.GetInt64(6)));
            }

            var part = Part(letters, query, row => Place.Of(DeadLettersList, row.Id));
            return new Slice<DeadLetter>([.. part.Items.Select(row => row.Letter)], part.Next);
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<Slice<LossInfo>>> Losses(string? source, HubQuery query)
    {
        var after = Place.NumbersOf(LossesList, query, 1);
        return async (connection, cancellationToken) =>
        {
            var losses = new List<LossInfo>();
            if (IsImpossible(source))
            {
                return new Slice<LossInfo>(losses, null);
            }

            await using var command = MakeOfSource(
                connection,
                "SELECT l.id, o.name, l.lane, l.epoch, l.first, l.count, l.reason, l.at FROM hub.losses l "
                + "JOIN hub.sources o ON o.id = l.source",
                "l",
                source,
                after,
                query);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                losses.Add(new LossInfo(
                    rows.GetInt64(0), rows.GetString(1), (Lane)rows.GetInt32(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5),
                    (LossReason)rows.GetInt32(6), TimeOf(rows, 7)));
            }

            return Part(losses, query, loss => Place.Of(LossesList, loss.Id));
        };
    }

    public static Func<NpgsqlConnection, CancellationToken, Task<HubTotals>> Totals(PostgresDatabase database) =>
        async (connection, cancellationToken) =>
        {
            var size = await database.MeasureAsync(connection, cancellationToken);

            // An edge may declare any number as lost, so the sum may be no bigint.
            await using var command = Make(
                connection,
                "SELECT s.count, s.series, l.messages, l.duplicates, l.lost, l.dead_letters FROM "
                + "(SELECT count(*), coalesce(sum(series), 0)::bigint AS series FROM hub.sources) s, "
                + "(SELECT coalesce(sum(messages), 0)::bigint AS messages, coalesce(sum(duplicates), 0)::bigint AS duplicates, "
                + "least(coalesce(sum(lost), 0), 9223372036854775807)::bigint AS lost, "
                + "coalesce(sum(dead_letters), 0)::bigint AS dead_letters FROM hub.lanes) l");
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            await rows.ReadAsync(cancellationToken);
            return new HubTotals(
                rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5), size, null);
        };

    private static NpgsqlCommand Make(NpgsqlConnection connection, string sql, params object[] values)
    {
#pragma warning disable CA2100 // what a client has sent is a parameter
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>The rows of a source or of all behind a place, the newest first.</summary>
    private static NpgsqlCommand MakeOfSource(
        NpgsqlConnection connection, string select, string table, string? source, long[]? after, HubQuery query)
    {
        var values = new List<object> { after?[0] ?? long.MaxValue, query.Size + 1L };
        var condition = $" WHERE {table}.id < $1";
        if (source is not null)
        {
            condition += $" AND {table}.source = (SELECT id FROM hub.sources WHERE name = $3)";
            values.Add(source);
        }

        return Make(connection, $"{select}{condition} ORDER BY {table}.id DESC LIMIT $2", [.. values]);
    }

    private static Slice<T> Part<T>(List<T> rows, HubQuery query, Func<T, string> place)
    {
        if (rows.Count <= query.Size)
        {
            return new Slice<T>(rows, null);
        }

        rows.RemoveRange(query.Size, rows.Count - query.Size);
        return new Slice<T>(rows, place(rows[^1]));
    }

    // '0' follows '/' in the order of bytes, so the range has the topic, those below it, and a few like topic-2, which the rest of the
    // condition excludes.
    private static void AppendTopic(StringBuilder sql, List<object> values, string? topic)
    {
        if (topic is not null)
        {
            values.Add(topic);
            sql.Append($" AND s.topic >= ${values.Count} AND s.topic < ${values.Count} || '0' ");
            sql.Append($"AND (s.topic = ${values.Count} OR starts_with(s.topic, ${values.Count} || '/'))");
        }
    }

    /// <summary>Whether no name in the store can be this text. PostgreSQL answers a text with NUL by an error.</summary>
    private static bool IsImpossible(string? text) => text?.Contains('\0', StringComparison.Ordinal) == true;

    private static string[]? TextsOf(string kind, HubQuery query, int parts) =>
        Place.TextsOf(kind, query, parts) is not { } texts ? null : Array.Exists(texts, IsImpossible) ? throw Place.Wrong() : texts;

    private static LaneInfo LaneOf(NpgsqlDataReader rows) => new(
        (Lane)rows.GetInt32(4),
        rows.GetInt64(5),
        rows.GetInt64(6),
        rows.GetInt64(7),
        rows.GetInt64(8),
        rows.GetInt64(9),
        rows.GetInt64(10),
        rows.IsDBNull(11) ? null : TimeOf(rows, 11),
        rows.IsDBNull(12) ? null : TimeOf(rows, 12),
        rows.GetInt64(13));

    private static SeriesInfo SeriesOf(NpgsqlDataReader rows)
    {
        var series = new SeriesInfo(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), null!);
        return series with { Last = ReadingOf(series, rows, 5, 6) };
    }

    private static Reading ReadingOf(SeriesInfo series, NpgsqlDataReader rows, int time, int value) => new(
        series.Id,
        series.Source,
        series.Topic,
        series.Field,
        series.Unit,
        TimeOf(rows, time),
        rows.IsDBNull(value) ? null : rows.GetDouble(value),
        rows.IsDBNull(value) ? rows.GetFieldValue<byte[]>(value + 1) : null);

    private static DateTimeOffset TimeOf(NpgsqlDataReader rows, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(column));
}
