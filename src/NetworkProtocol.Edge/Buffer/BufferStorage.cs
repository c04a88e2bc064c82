using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// Where the buffer's file is. A damaged file never stops the start: what can be read moves to a new file, and the old one is kept beside
/// it. The highest epoch is kept in a file of its own, so that a buffer whose file is gone does not begin an epoch that was used before.
/// </summary>
internal sealed class BufferStorage(
    IOptions<EdgeOptions> options, EdgeMetrics metrics, TimeProvider time, ILogger<MessageBuffer> logger)
{
    private const string FileName = "buffer.db";
    private const string EpochFileName = "epoch";

    // https://www.sqlite.org/rescode.html
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NotADatabase = 26;

    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    private string Folder => options.Value.Path.Length > 0 ? Path.GetFullPath(options.Value.Path) : Path.GetFullPath("edge");

    private string FilePath => Path.Combine(Folder, FileName);

    private string NewPath => FilePath + ".new";

    private string SalvagedPath => FilePath + ".salvaged";

    private string EpochPath => Path.Combine(Folder, EpochFileName);

    /// <summary>
    /// Whether an error says that the file is damaged: SQLite says so, or a column has a type that nobody writes.
    /// </summary>
    public static bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: Corrupt or NotADatabase }
        or InvalidCastException or IndexOutOfRangeException or OverflowException or FormatException;

    /// <summary>Whether an error can come from reading a damaged file.</summary>
    public static bool IsUnreadable(Exception error) => IsDamage(error) || error is SqliteException or InvalidOperationException;

    /// <summary>What a sensor is told when the disk does not take its message.</summary>
    public static string Describe(Exception error) => (error as SqliteException)?.SqliteErrorCode switch
    {
        Full => "The message is not durable: the edge's disk is full",
        Corrupt or NotADatabase => "The message is not durable: the edge's buffer is damaged and is made anew; send it again",
        _ => "The message is not durable: the edge's disk does not take it",
    };

    /// <summary>Opens the file, and creates it if there is none. A damaged file is salvaged.</summary>
    /// <exception cref="IOException">The folder or the file cannot be written.</exception>
    public BufferFile Open()
    {
        try
        {
            CreateFolder();
            if (File.Exists(SalvagedPath))
            {
                Exchange(); // the program ended while it salvaged, and the new file is complete
            }

            return TryOpen(out var damage) ?? Salvage(damage!);
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IOException($"{EdgeOptions.Section}:Path = {Folder}: the edge's buffer cannot be used: {e.Message}", e);
        }
    }

    /// <summary>
    /// Moves what can be read of a damaged file to a new one. The new one is made under another name, so that a program that ends meanwhile
    /// finds the damaged file again.
    /// </summary>
    public BufferFile Salvage(string reason)
    {
        foreach (var suffix in Suffixes)
        {
            File.Delete(NewPath + suffix);
        }

        CreateFile(NewPath);
        long saved, lost;
        using (var old = new DamagedFile(FilePath))
        {
            var epoch = NextEpoch(old.ReadEpoch());
            using var file = new BufferFile(Connections.Open(NewPath, () => epoch));
            (saved, lost) = old.CopyTo(file);
        }

        File.Move(NewPath, SalvagedPath); // from here on the new file is the buffer
        var kept = Exchange();
        metrics.Salvaged(lost);
        EdgeLog.Salvaged(logger, reason, saved, lost, kept);
        return new BufferFile(Connections.Open(FilePath, () => NextEpoch(0)));
    }

    /// <summary>A higher epoch than all before, noted in its file.</summary>
    /// <param name="known">The highest epoch that the caller knows; 0 if none.</param>
    public long NextEpoch(long known)
    {
        var noted = File.Exists(EpochPath) && long.TryParse(
            File.ReadAllText(EpochPath), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        var epoch = Epochs.After(Math.Max(noted, known));
        File.WriteAllText(EpochPath + ".new", epoch.ToString(CultureInfo.InvariantCulture));
        File.Move(EpochPath + ".new", EpochPath, overwrite: true);
        return epoch;
    }

    /// <summary>Puts the damaged file aside and the salvaged one in its place. It can be interrupted anywhere, and done again.</summary>
    private string Exchange()
    {
        var kept = FilePath + time.GetUtcNow().ToString("'.damaged-'yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        foreach (var suffix in Suffixes.Where(suffix => File.Exists(FilePath + suffix)))
        {
            File.Move(FilePath + suffix, kept + suffix);
        }

        File.Move(SalvagedPath, FilePath);
        return kept;
    }

    private BufferFile? TryOpen(out string? damage)
    {
        damage = null;
        SqliteConnection? connection = null;
        try
        {
            CreateFile(FilePath);
            connection = Connections.Open(FilePath, () => NextEpoch(0));
            Check(connection);
            var file = new BufferFile(connection);
            if (file.Contradiction is { } contradiction)
            {
                throw new SqliteException(contradiction, Corrupt);
            }

            return file;
        }
        catch (Exception e) when (IsDamage(e))
        {
            damage = e.Message;
            connection?.Dispose();
            return null;
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    private static void Check(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        if (command.ExecuteScalar() is string problem && problem != "ok")
        {
            throw new SqliteException(problem, Corrupt);
        }
    }

    // SQLite gives its log the mode of the database. A user who can read the folder must not read what sensors have published.
    private static void CreateFile(string path)
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
    }

    private void CreateFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
