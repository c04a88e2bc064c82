using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>The database's file: creates it, opens connections to it, and measures it.</summary>
internal sealed class SqliteFile(string path)
{
    /// <summary>How long a connection waits for a lock of another program.</summary>
    private const int BusyMilliseconds = 2_000;

    /// <summary>
    /// The memory for pages. A transaction touches a page or two of each series, so that this is enough for some ten thousand series that
    /// are written all the time.
    /// </summary>
    private const int CacheKiB = 64 * 1024;

    /// <summary>After how many pages the log is copied into the database, and the size to which it then shrinks: 16 and 64 MiB.</summary>
    private const int CheckpointPages = 4_096;
    private const int LogBytes = 64 * 1024 * 1024;

    public string Path { get; } = path;

    /// <summary>The size of the database and its log.</summary>
    public long Length => LengthOf(Path) + LengthOf(Path + "-wal");

    /// <summary>The free room of the disk; null if the system does not say.</summary>
    public long? FreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(System.IO.Path.GetDirectoryName(Path) ?? Path).AvailableFreeSpace;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return null;
            }
        }
    }

    /// <summary>Opens the connection of the writer, and creates what is missing.</summary>
    /// <exception cref="HubStoreException">The file cannot be used; the message says why.</exception>
    public SqliteConnection OpenWriter()
    {
        CreateFile();
        SqliteConnection? connection = null;
        try
        {
            connection = Open(SqliteOpenMode.ReadWrite, pooled: false);
            Prepare(connection);
            return connection;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw SqliteErrors.Explain(Path, e);
        }
        catch (HubStoreException)
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that cannot write. Disposing it keeps it for the next reader.</summary>
    public SqliteConnection OpenReader() => Open(SqliteOpenMode.ReadOnly, pooled: true);

    /// <summary>Closes the connections that were kept.</summary>
    public void CloseReaders()
    {
        using var connection = new SqliteConnection(Text(SqliteOpenMode.ReadOnly, pooled: true));
        SqliteConnection.ClearPool(connection);
    }

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }

    private static long Ask(SqliteConnection connection, string sql)
    {
        using var statement = new Statement(connection, sql);
        return statement.Step() ? statement.Long(0) : 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // all texts are constants of this program
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    // SQLite would create the file with the mode that the umask leaves; the log and its index take the mode of the file.
    private void CreateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        if (File.Exists(Path))
        {
            Narrow(Path);
            Narrow(Path + "-wal");
            Narrow(Path + "-shm");
            return; // opening and closing it here would release the locks that SQLite holds in this process
        }

        try
        {
            new FileStream(Path, options).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new HubStoreException(
                $"{HubOptions.Section}:Path = {Path}: must be a file that the program can create and write: {e.Message}", e);
        }
    }

    // A file that was copied or restored may have any mode. Only its owner can change the mode; another user's file is used as it is.
    private static void Narrow(string path)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return;
        }

        try
        {
            if ((File.GetUnixFileMode(path) & ~Private) != 0)
            {
                File.SetUnixFileMode(path, Private);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // SQLite says better than this what is wrong with the file.
        }
    }

    private SqliteConnection Open(SqliteOpenMode mode, bool pooled)
    {
        var connection = new SqliteConnection(Text(mode, pooled));
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private string Text(SqliteOpenMode mode, bool pooled) =>
        new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = pooled, DefaultTimeout = BusyMilliseconds / 1000 }
            .ToString();

    private void Prepare(SqliteConnection connection)
    {
        var version = Ask(connection, "PRAGMA user_version");
        var application = Ask(connection, "PRAGMA application_id");
        var tables = Ask(connection, "SELECT COUNT(*) FROM sqlite_schema");
        if (application != SqliteSchema.ApplicationId && (application != 0 || tables > 0))
        {
            throw new HubStoreException(
                $"{HubOptions.Section}:Path = {Path}: must be the file of a hub's store; this is a database of another program.");
        }

        if (version > SqliteSchema.Version)
        {
            throw new HubStoreException(
                $"The hub's store {Path} has version {version}, and this program knows versions up to {SqliteSchema.Version}: "
                    + "a newer program has written it. Use that program, or restore the backup that was taken before it.");
        }

        using (var mode = new Statement(connection, "PRAGMA journal_mode = WAL"))
        {
            if (!mode.Step() || mode.Text(0) != "wal")
            {
                throw new HubStoreException(
                    $"{HubOptions.Section}:Path = {Path}: must be on a local disk; SQLite cannot keep its log (WAL) there.");
            }

            mode.Reset();
        }

        Execute(
            connection,
            $"PRAGMA synchronous = FULL; PRAGMA cache_size = -{CacheKiB}; PRAGMA wal_autocheckpoint = {CheckpointPages}; "
                + $"PRAGMA journal_size_limit = {LogBytes}; PRAGMA foreign_keys = OFF;");
        if (application != SqliteSchema.ApplicationId)
        {
            Execute(
                connection,
                $"BEGIN IMMEDIATE; {SqliteSchema.Create} PRAGMA application_id = {SqliteSchema.ApplicationId}; "
                    + $"PRAGMA user_version = {SqliteSchema.Version}; COMMIT;");
        }
        else if (version < SqliteSchema.Version)
        {
            Execute(connection, $"BEGIN IMMEDIATE; {SqliteSchema.Upgrade} PRAGMA user_version = {SqliteSchema.Version}; COMMIT;");
        }

        if (Ask(connection, $"SELECT COUNT(*) FROM sqlite_schema WHERE name = '{SqliteSchema.LastTable}'") == 0)
        {
            Execute(connection, $"BEGIN IMMEDIATE; {SqliteSchema.Forward} COMMIT;");
        }
    }
}
