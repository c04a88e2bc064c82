using Microsoft.Data.Sqlite;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>Opens the buffer's database.</summary>
internal static class Connections
{
    /// <summary>The size of a page in bytes.</summary>
    public const int PageSize = 4096;

    private const int ApplicationId = 0x4E504542; // NPEB
    private const int Version = 1;
    private const int NoCheckpointOnClose = 1006; // https://www.sqlite.org/c3ref/c_dbconfig_defensive.html

    /// <summary>
    /// A commit is on the disk when it returns (FULL). The log is short (100 pages), because one flipped bit in it can lose all that is
    /// behind it. Rows are read again and again, so the pages of damaged cells are found (cell_size_check).
    /// </summary>
    private static readonly string Pragmas = $"""
        PRAGMA page_size = {PageSize};
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 100;
        PRAGMA cell_size_check = ON;
        PRAGMA trusted_schema = OFF;
        """;

    private const string Schema = """
        CREATE TABLE messages(
            id INTEGER PRIMARY KEY, time INTEGER NOT NULL, expires INTEGER, topic TEXT NOT NULL, payload BLOB NOT NULL,
            checksum INTEGER NOT NULL) STRICT;
        CREATE INDEX messages_expire ON messages(expires) WHERE expires IS NOT NULL;
        CREATE TABLE losses(id INTEGER PRIMARY KEY, count INTEGER NOT NULL, reason INTEGER NOT NULL) STRICT;
        CREATE TABLE lanes(lane INTEGER PRIMARY KEY, next INTEGER NOT NULL, mark INTEGER NOT NULL, checksum INTEGER) STRICT;
        CREATE TABLE epoch(epoch INTEGER NOT NULL, is_fresh INTEGER NOT NULL) STRICT;
        """;

    /// <summary>Opens the file, or creates it with an epoch.</summary>
    /// <param name="path">The file.</param>
    /// <param name="newEpoch">Returns the epoch of a new file.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is damaged.</exception>
    /// <exception cref="InvalidDataException">The file is from a newer version, or is another program's.</exception>
    public static SqliteConnection Open(string path, Func<long> newEpoch)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false, // the connection lives as long as the buffer
        }.ToString());
        try
        {
            connection.Open();
            connection.Execute(Pragmas);
            Prepare(connection, path, newEpoch);
            return connection;
        }
        catch
        {
            KeepLog(connection);
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A database in memory, which is a buffer that no disk has.</summary>
    public static SqliteConnection OpenMemory()
    {
        var connection = new SqliteConnection("Data Source=:memory:;Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>Has the connection leave its log when it closes, instead of moving it into the database.</summary>
    public static void KeepLog(SqliteConnection connection)
    {
        if (connection.Handle is { } handle)
        {
            SQLitePCL.raw.sqlite3_db_config(handle, NoCheckpointOnClose, 1, out _);
        }
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long ReadNumber(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Creates the tables, if there are none.</summary>
    /// <inheritdoc cref="Open"/>
    public static void Prepare(SqliteConnection connection, string path, Func<long> newEpoch)
    {
        var version = connection.ReadNumber("PRAGMA user_version");
        if (version == 0 && connection.ReadNumber("SELECT count(*) FROM sqlite_schema") == 0)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(Schema);
            connection.Execute($"INSERT INTO epoch VALUES({newEpoch()}, 1)");
            connection.Execute("INSERT INTO lanes VALUES(0, 1, 0, NULL), (1, 1, 0, NULL)");
            connection.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}");
            transaction.Commit();
            return;
        }

        var isOurs = connection.ReadNumber("PRAGMA application_id") == ApplicationId;
        if ((!isOurs || version != Version) && SchemaOf(connection) == ExpectedSchema())
        {
            throw new SqliteException("the header is damaged", SQLitePCL.raw.SQLITE_CORRUPT);
        }

        if (!isOurs || version > Version)
        {
            throw new InvalidDataException(
                $"{path} is not a buffer that this program can read (version {version}; it reads version {Version}): "
                + "it is another program's, or a newer version has written it");
        }
    }

    /// <summary>The tables of a file of this version, by which it is known when its header is damaged.</summary>
    private static string ExpectedSchema()
    {
        using var connection = OpenMemory();
        connection.Execute(Schema);
        return SchemaOf(connection);
    }

    private static string SchemaOf(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(sql) FROM "
            + "(SELECT sql FROM sqlite_schema WHERE name NOT IN ('reserve', 'position') ORDER BY name)";
        return command.ExecuteScalar() as string ?? "";
    }
}
