using Microsoft.Data.Sqlite;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// How far the messages of each lane go in the place that they come from, for a buffer that is filled from a store. The table is made when
/// the first position is noted, so that the buffers of edges do without. A position is there twice, because a flipped bit must not move it.
/// </summary>
internal sealed class PositionTable(SqliteConnection connection) : IDisposable
{
    /// <summary>The row of an earlier program, which noted one position for both lanes. A lane without one of its own has this.</summary>
    private const long RowOfBoth = 1;

    private Statement? _write;

    public long? Read(Lane lane) => connection.ReadNumber("SELECT count(*) FROM sqlite_schema WHERE name = 'position'") > 0
        && connection.ReadNumber($"SELECT coalesce({Find(RowOf(lane))}, {Find(RowOfBoth)}, -1)") is >= 0 and var position
            ? position
            : null;

    public void Write(Lane lane, long position)
    {
        if (_write is null)
        {
            connection.Execute("""
                CREATE TABLE IF NOT EXISTS position(
                    id INTEGER PRIMARY KEY, position INTEGER NOT NULL, inverse INTEGER NOT NULL) STRICT
                """);
            _write = new Statement(
                connection, "INSERT INTO position VALUES($0, $1, ~$1) ON CONFLICT DO UPDATE SET position = $1, inverse = ~$1");
        }

        _write.Run(RowOf(lane), position);
    }

    /// <summary>Forgets what a transaction has made that was undone.</summary>
    public void Reload()
    {
        _write?.Dispose();
        _write = null;
    }

    public void Dispose() => _write?.Dispose();

    private static long RowOf(Lane lane) => RowOfBoth + 1 + (long)lane;

    private static string Find(long row) => $"(SELECT position FROM position WHERE id = {row} AND inverse = ~position)";
}
