using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>Says what an error of SQLite means to an operator.</summary>
internal static class SqliteErrors
{
    public static HubStoreException Explain(string path, SqliteException error)
    {
        var (text, isTemporary) = error.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => ("its disk is full; free some room, and the hub goes on by itself", true),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => ("another program has locked it", true),
            raw.SQLITE_IOERR => ("its disk reports an error", true),
            raw.SQLITE_CORRUPT => ("the file is damaged; stop the hub and restore a backup, or move the file away to begin anew", false),
            raw.SQLITE_NOTADB => ("the file is no SQLite database, or its beginning is damaged", false),
            raw.SQLITE_CANTOPEN => ("the file cannot be opened", false),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => ("the program may not write the file", false),
            _ => ("SQLite reports an error", true),
        };
        return new HubStoreException(
            $"The hub's store {path} cannot be used: {text} (SQLite {error.SqliteExtendedErrorCode}: {Detail(error)}).", error)
        {
            IsTemporary = isTemporary,
        };
    }

    /// <summary>Whether the error concerns the connection or the file, so that the next attempt needs a new connection.</summary>
    public static bool NeedsNewConnection(SqliteException error) => error.SqliteErrorCode
        is not (raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_CONSTRAINT);

    /// <summary>Whether the error may come from what was to be stored, and not from the store.</summary>
    public static bool MayComeFromData(Exception error) =>
        error is SqliteException sqlite
            ? sqlite.SqliteErrorCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE
            : error is not (HubStoreException or OutOfMemoryException);

    private static string Detail(SqliteException error) => error.Message.TrimEnd('.');
}
