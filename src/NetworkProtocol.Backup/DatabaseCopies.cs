using Microsoft.Data.Sqlite;
using NetworkProtocol.Backup.Files;

namespace NetworkProtocol.Backup;

/// <summary>
/// Copies SQLite databases while other programs write to them. A copy is a database as it was at one moment, and it needs no log. It can
/// lack the last transaction before that moment: a reader that may not write to the index reads as of a mark that another program has set.
/// </summary>
/// <param name="backups">The folder of the backups, where the copies are for a moment.</param>
internal sealed class DatabaseCopies(BackupFolder backups)
{
    /// <summary>The end of the name of a file that is a database if its first bytes say so.</summary>
    public const string Extension = ".db";

    private const string Log = "-wal";
    private const string Index = "-shm";
    private const int Attempts = 20;

    // https://www.sqlite.org/rescode.html
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>The files that SQLite keeps beside a database. A copy has what is in them.</summary>
    public static IReadOnlyList<string> Companions { get; } = [Log, Index, "-journal"];

    /// <summary>Whether a file begins as a database does.</summary>
    public static bool IsDatabase(Stream file)
    {
        Span<byte> start = stackalloc byte[16];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start.SequenceEqual("SQLite format 3\0"u8);
    }

    /// <summary>Makes a copy and opens it. Its file has no name any more, so that it is gone when it is closed.</summary>
    /// <param name="folder">Its folder. Nothing outside of it is read, whatever else gets the folder's path meanwhile.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="place">Its path, for messages.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <returns>The copy; null if the file is too damaged for SQLite, so that it has to be saved as it is.</returns>
    /// <exception cref="IOException">The database cannot be read, or there is no room for the copy.</exception>
    public async Task<FileStream?> OpenAsync(OpenFolder folder, string name, string place, CancellationToken cancellationToken)
    {
        var copy = backups.PathForCopy();
        try
        {
            return await TryCopyAsync(folder, name, place, copy, cancellationToken) ? OpenAndDelete(copy) : null;
        }
        catch (SqliteException e)
        {
            throw new IOException($"{FileNames.Show(place)} cannot be copied: {e.Message}", e);
        }
        finally
        {
            Delete(copy);
        }
    }

    private static async Task<bool> TryCopyAsync(
        OpenFolder folder, string name, string place, string copy, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            Delete(copy);
            try
            {
                CheckCompanions(folder, name, place);
                if (!HasLog(folder, name) || folder.Find(name + Index, follow: false) is not null)
                {
                    Copy(AddressOf(folder.PathTo(name)), copy, isUsed: true);
                    return true;
                }

                if (TryCopyUnused(folder, name, copy))
                {
                    return true;
                }
            }
            catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase)
            {
                return false;
            }
            catch (SqliteException e) when (e.SqliteErrorCode is Busy or ReadOnly or CannotOpen && attempt < Attempts)
            {
                // Another program begins or ends to use the database, or its log begins anew.
            }

            await Task.Delay(BetweenAttempts, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Whether changes go to a log first (WAL), as the byte at 18 says.</summary>
    private static bool HasLog(OpenFolder folder, string name)
    {
        using var file = folder.OpenFile(name, follow: false)?.Content
            ?? throw new FileNotFoundException($"{FileNames.Show(name)} is gone");
        file.Position = 18;
        return file.ReadByte() == 2;
    }

    /// <summary>
    /// Copies a database that no program has open, as the missing index says. SQLite itself would have to create that file, which a backup
    /// may not. False: a program has opened it meanwhile.
    /// </summary>
    private static bool TryCopyUnused(OpenFolder folder, string name, string copy)
    {
        var raw = copy + ".raw";
        try
        {
            CopyFile(folder, name, raw);
            CopyFile(folder, name + Log, raw + Log);
            if (folder.Find(name + Index, follow: false) is not null)
            {
                return false;
            }

            Copy(raw, copy, isUsed: false);
            return true;
        }
        finally
        {
            Delete(raw);
        }
    }

    // SQLite would follow a link of that name, and would wait for the writer of a pipe.
    private static void CheckCompanions(OpenFolder folder, string name, string place)
    {
        foreach (var suffix in Companions)
        {
            if (folder.Find(name + suffix, follow: false) is { Kind: not FileKind.File })
            {
                throw new IOException($"{FileNames.Show(place + suffix)} is not a file, as SQLite makes it");
            }
        }
    }

    private static void CopyFile(OpenFolder folder, string name, string to)
    {
        if (folder.OpenFile(name, follow: false) is var (content, _))
        {
            using var from = content;
            using var target = new FileStream(to, PrivateFiles.Options(FileMode.CreateNew));
            from.CopyTo(target);
        }
    }

    private static void Copy(string from, string to, bool isUsed)
    {
        new FileStream(to, PrivateFiles.Options(FileMode.CreateNew)).Dispose();
        using var source = Connect(from, isUsed ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite);
        using var target = Connect(to, SqliteOpenMode.ReadWrite);
        Execute(target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"); // nobody needs the copy after a crash
        source.BackupDatabase(target);
    }

    private static SqliteConnection Connect(string source, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute(connection, "PRAGMA busy_timeout = 10000; PRAGMA trusted_schema = OFF");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // all texts are constants of this program
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// The database for SQLite, which must not create or change the index beside it: that file is its owner's, who could have put there
    /// what root then writes to.
    /// </summary>
    private static string AddressOf(string path) =>
        $"file:{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}?readonly_shm=1";

    private static FileStream OpenAndDelete(string copy)
    {
        var file = new FileStream(copy, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose });
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(copy); // now, so that a backup that is killed leaves nothing behind
        }

        return file;
    }

    private static void Delete(string database)
    {
        foreach (var suffix in Companions.Prepend(""))
        {
            File.Delete(database + suffix);
        }
    }
}
