using Microsoft.Data.Sqlite;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// How far the messages go in the place that they come from, for a buffer that is filled from a store. The table is made when the first
/// position is noted, so that the buffers of edges do without. The position is there twice, because a flipped bit must not move it.
/// </summary>
internal sealed class PositionTable(SqliteConnection connection) : IDisposable
{
    private Statement? _write;

    public long? Read() => connection.ReadNumber("SELECT count(*) FROM sqlite_schema WHERE name = 'position'") > 0
        && connection.ReadNumber("SELECT coalesce(max(position), -1) FROM position WHERE inverse = ~position") is >= 0 and var position
            ? position
            : null;

    public void Write(long position)
    {
        if (_write is null)
        {
            connection.Execute("""
                CREATE TABLE IF NOT EXISTS position(
                    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, inverse INTEGER NOT NULL) STRICT
                """);
            _write = new Statement(
                connection, "INSERT INTO position VALUES(1, $0, ~$0) ON CONFLICT DO UPDATE SET position = $0, inverse = ~$0");
        }

        _write.Run(position);
    }

    /// <summary>Forgets what a transaction has made that was undone.</summary>
    public void Reload()
    {
        _write?.Dispose();
        _write = null;
    }

    public void Dispose() => _write?.Dispose();
}
