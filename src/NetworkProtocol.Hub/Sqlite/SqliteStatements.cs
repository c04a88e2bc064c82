using Microsoft.Data.Sqlite;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>The writer's statements, prepared once.</summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private const string MergeRollup =
        "INSERT INTO rollups (series, resolution, start, count, sum, min, max, last, last_time) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
        + "ON CONFLICT DO UPDATE SET count = count + excluded.count, "
        + "sum = max(-1.7976931348623157e308, min(1.7976931348623157e308, sum + excluded.sum)), "
        + "min = min(min, excluded.min), max = max(max, excluded.max), "
        + "last = CASE WHEN excluded.last_time >= last_time THEN excluded.last ELSE last END, "
        + "last_time = max(last_time, excluded.last_time)";

    private readonly List<Statement> _all = [];
    private readonly SqliteConnection _connection = connection;

    public Statement Begin => field ??= Make("BEGIN IMMEDIATE");

    public Statement Commit => field ??= Make("COMMIT");

    public Statement Rollback => field ??= Make("ROLLBACK");

    public Statement Savepoint => field ??= Make("SAVEPOINT message");

    public Statement Release => field ??= Make("RELEASE message");

    public Statement RollbackToSavepoint => field ??= Make("ROLLBACK TO message");

    public Statement DataVersion => field ??= Make("PRAGMA data_version");

    public Statement Probe => field ??= Make("INSERT INTO probe VALUES (1, ?1) ON CONFLICT DO UPDATE SET at = ?1");

    public Statement CountSources => field ??= Make("SELECT COUNT(*), COALESCE(SUM(series), 0) FROM sources");

    public Statement FindSource => field ??= Make("SELECT id, identity, last_seen, series FROM sources WHERE name = ?1");

    public Statement InsertSource => field ??= Make(
        "INSERT INTO sources (name, identity, first_seen, last_seen) VALUES (?1, ?2, ?3, ?3) RETURNING id");

    public Statement UpdateSource => field ??= Make("UPDATE sources SET identity = ?2, last_seen = ?3, series = ?4 WHERE id = ?1");

    public Statement FindLanes => field ??= Make(
        "SELECT lane, epoch, mark, checksum, stream, messages, duplicates, lost, dead_letters, last_time, last_arrival, behind "
        + "FROM lanes WHERE source = ?1");

    public Statement ReplaceLane => field ??= Make(
        "INSERT OR REPLACE INTO lanes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");

    public Statement InsertStream => field ??= Make("INSERT INTO streams (source, lane, epoch) VALUES (?1, ?2, ?3) RETURNING id");

    public Statement FindSeries => field ??= Make(
        "SELECT id, unit, last_time FROM series WHERE source = ?1 AND topic = ?2 AND field = ?3");

    public Statement FindSeriesKey => field ??= Make("SELECT source, topic, field FROM series WHERE id = ?1");

    public Statement InsertSeries => field ??= Make(
        "INSERT INTO series (source, topic, field, unit, last_time) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id");

    public Statement UpdateSeries => field ??= Make("UPDATE series SET unit = ?2, last_time = ?3, last_value = ?4 WHERE id = ?1");

    // A mark and its data change together, so that the same key never comes twice.
    public Statement InsertReading => field ??= Make("INSERT INTO readings VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");

    public Statement FindOpen => field ??= Make(
        "SELECT resolution, start, count, sum, min, max, last, last_time FROM open_rollups WHERE series = ?1");

    public Statement ReplaceOpen => field ??= Make("INSERT OR REPLACE INTO open_rollups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

    public Statement AddRollup => field ??= Make(MergeRollup);

    public Statement ReplaceRollup => field ??= Make("INSERT OR REPLACE INTO rollups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

    // A rollup is in one of the two tables.
    public Statement FindRollup => field ??= Make(
        "SELECT count, sum, min, max, last, last_time FROM rollups WHERE series = ?1 AND resolution = ?2 AND start = ?3 UNION ALL "
        + "SELECT count, sum, min, max, last, last_time FROM open_rollups WHERE series = ?1 AND resolution = ?2 AND start = ?3");

    public Statement InsertOutbox => field ??= Make(
        $"INSERT INTO outbox (source, lane, time, topic, payload) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING {SqliteSchema.OutboxSize}");

    public Statement OutboxSizeTo => field ??= Make(
        $"SELECT COUNT(*), COALESCE(SUM({SqliteSchema.OutboxSize}), 0) FROM outbox WHERE lane = ?1 AND id <= ?2");

    public Statement OutboxFirst => field ??= Make(
        $"SELECT id, {SqliteSchema.OutboxSize} FROM outbox WHERE lane = ?1 ORDER BY id LIMIT ?2");

    public Statement DeleteOutbox => field ??= Make("DELETE FROM outbox WHERE lane = ?1 AND id <= ?2");

    public Statement CountOutbox => field ??= Make(
        "UPDATE outbox_lanes SET added = added + ?2, messages = messages + ?3, bytes = bytes + ?4 WHERE lane = ?1");

    public Statement BeginOutbox => field ??= Make(
        "INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', 0 WHERE NOT EXISTS "
        + "(SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')");

    public Statement LastOfOutbox => field ??= Make("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'outbox'");

    public Statement RepeatOutbox => field ??= Make(
        "INSERT INTO outbox (source, lane, time, topic, payload) "
        + "SELECT source, lane, time, topic, payload FROM outbox WHERE id > ?1 AND id <= ?2 ORDER BY id");

    public Statement DeleteRepeated => field ??= Make("DELETE FROM outbox WHERE id > ?1 AND id <= ?2");

    public Statement MoveOutbox => field ??= Make("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'outbox'");

    public Statement NoteRollup => field ??= Make("INSERT OR IGNORE INTO forward_rollups VALUES (?1, ?2, ?3)");

    public Statement ForgetRollup => field ??= Make("DELETE FROM forward_rollups WHERE resolution = ?1 AND start = ?2 AND series = ?3");

    public Statement FindOpenAfter => field ??= Make(
        "SELECT series, resolution, start FROM open_rollups WHERE series > ?1 ORDER BY series, resolution LIMIT ?2");

    public Statement DropRollups => field ??= Make(
        "DELETE FROM forward_rollups WHERE (resolution, start, series) IN (SELECT resolution, start, series FROM forward_rollups "
        + "WHERE resolution = ?1 AND start <= ?2 ORDER BY start, series LIMIT ?3)");

    public Statement InsertLoss => field ??= Make(
        "INSERT INTO losses (source, lane, epoch, first, count, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    public Statement TrimLosses => field ??= Make(Trim("losses"));

    public Statement InsertDeadLetter => field ??= Make(
        "INSERT INTO dead_letters (source, sequence, time, topic, payload, reason, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    public Statement TrimDeadLetters => field ??= Make(Trim("dead_letters"));

    // The limit is found by its key, because a statement of SQLite that deletes has no limit of its own.
    public Statement FindReadingAt => field ??= Make(
        "SELECT time, stream, sequence, part FROM readings WHERE series = ?1 AND time < ?2 "
        + "ORDER BY time, stream, sequence, part LIMIT 1 OFFSET ?3");

    public Statement DeleteReadings => field ??= Make("DELETE FROM readings WHERE series = ?1 AND time < ?2");

    public Statement DeleteReadingsTo => field ??= Make(
        "DELETE FROM readings WHERE series = ?1 AND (time, stream, sequence, part) < (?2, ?3, ?4, ?5)");

    public Statement FindRollupAt => field ??= Make(
        "SELECT start FROM rollups WHERE series = ?1 AND resolution = ?2 AND start < ?3 ORDER BY start LIMIT 1 OFFSET ?4");

    public Statement DeleteRollups => field ??= Make("DELETE FROM rollups WHERE series = ?1 AND resolution = ?2 AND start < ?3");

    public Statement DeleteOpen => field ??= Make("DELETE FROM open_rollups WHERE series = ?1 AND resolution = ?2 AND start < ?3");

    public Statement Changes => field ??= Make("SELECT changes()");

    /// <summary>Ends the runs of all statements.</summary>
    public void Reset() => _all.ForEach(statement => statement.Reset());

    public void Dispose() => _all.ForEach(statement => statement.Dispose());

    private static string Trim(string table) =>
        $"DELETE FROM {table} WHERE source = ?1 AND id <= (SELECT id FROM {table} WHERE source = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)";

    private Statement Make(string sql)
    {
        var statement = new Statement(_connection, sql);
        _all.Add(statement);
        return statement;
    }
}
