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
    private const string BallastFileName = "ballast";
    private const string WatermarksFileName = "watermarks";

    /// <summary>Room for the log, which the start needs when the disk is full.</summary>
    private const int BallastSize = 1 << 20;

    // https://www.sqlite.org/rescode.html
    private const int Error = 1;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    private string Folder => options.Value.Path.Length > 0 ? Path.GetFullPath(options.Value.Path) : Path.GetFullPath("edge");

    /// <summary>Whether the disk has room for the file to grow by some pages, and for its log.</summary>
    public bool HasRoomFor(long pages) =>
        new DriveInfo(Folder).AvailableFreeSpace > (pages + (2 * BufferFile.ReservePages)) * Connections.PageSize;

    private string FilePath => Path.Combine(Folder, FileName);

    private string NewPath => FilePath + ".new";

    private string SalvagedPath => FilePath + ".salvaged";

    private string BallastPath => Path.Combine(Folder, BallastFileName);

    private string WatermarksPath => Path.Combine(Folder, WatermarksFileName);

    private string EpochPath => Path.Combine(Folder, EpochFileName);

    /// <summary>
    /// Whether an error says that the file is damaged: SQLite says so, or a column has a type that nobody writes.
    /// </summary>
    public static bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: Corrupt or NotADatabase }
        or InvalidCastException or IndexOutOfRangeException or OverflowException or FormatException;

    /// <summary>Whether an error can come from reading a damaged file.</summary>
    public static bool IsUnreadable(Exception error) => IsDamage(error) || error is SqliteException or InvalidOperationException;

    /// <summary>Whether an error says that the disk has no room, or does not take anything at the moment.</summary>
    public static bool IsDiskTrouble(Exception error) =>
        error is SqliteException { SqliteErrorCode: Full or ReadOnly or InputOutput or CannotOpen } or IOException { InnerException: null }
        || (error is IOException && IsDiskTrouble(error.InnerException!));

    /// <summary>Whether an error says that the disk is full.</summary>
    public static bool IsFullDisk(Exception error) => error is SqliteException { SqliteErrorCode: Full };

    /// <summary>Whose buffer it is.</summary>
    public BufferOwner Owner => options.Value.Owner;

    /// <summary>What a sensor is told when the disk does not take its message.</summary>
    public string Describe(Exception error) => (error as SqliteException)?.SqliteErrorCode switch
    {
        Full => $"The message is not durable: the {Owner.Name}'s disk is full",
        Corrupt or NotADatabase => $"The message is not durable: the {Owner.Name}'s buffer is damaged and is made anew; send it again",
        _ => $"The message is not durable: the {Owner.Name}'s disk does not take it",
    };

    /// <summary>
    /// Opens the file, and creates it if there is none. A damaged file is salvaged, and a full disk gets its ballast back.
    /// </summary>
    /// <exception cref="IOException">The folder or the file cannot be written.</exception>
    public BufferFile Open()
    {
        try
        {
            CreateFolder();
            return OpenOrSalvage();
        }
        catch (Exception e) when (IsDiskTrouble(e) && GiveUpBallast())
        {
            return Open();
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IOException($"{options.Value.Origin}:Path = {Folder}: the buffer cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The note of the last numbers, to be written after each commit.</summary>
    public Watermarks OpenWatermarks() => new(WatermarksPath);

    /// <summary>Deletes the ballast, so that a full disk has room for the log; false if there is none.</summary>
    public bool GiveUpBallast()
    {
        var isThere = File.Exists(BallastPath);
        File.Delete(BallastPath);
        return isThere;
    }

    /// <summary>Takes room on the disk that <see cref="GiveUpBallast"/> gives back, if there is room.</summary>
    public void TakeBallast()
    {
        try
        {
            if (!File.Exists(BallastPath))
            {
                new FileStream(BallastPath, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew, Access = FileAccess.Write, PreallocationSize = BallastSize,
                }).Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without room there is no ballast.
        }
    }

    /// <summary>
    /// Copies a file into memory, because its disk takes nothing. Without a file there must be none on the disk either, or its messages
    /// would be overwritten later.
    /// </summary>
    /// <returns>The copy, or null if the messages on the disk cannot be read.</returns>
    public BufferFile? OpenMemory(BufferFile? file)
    {
        if (file is null && HasMessages())
        {
            return null;
        }

        var memory = Connections.OpenMemory();
        if (file is null)
        {
            Connections.Prepare(memory, "memory", () => Epochs.After(ReadEpoch()));
        }
        else
        {
            file.CopyTo(memory);
        }

        return new BufferFile(memory);
    }

    /// <summary>Copies a buffer in memory to the disk.</summary>
    public BufferFile ReturnToDisk(BufferFile memory)
    {
        CreateFolder();
        CreateFile(FilePath);
        NoteEpoch(Math.Max(ReadEpoch(), memory.Epoch));
        var connection = Connections.Open(FilePath, () => memory.Epoch);
        try
        {
            memory.CopyTo(connection);
            return new BufferFile(connection);
        }
        catch
        {
            Connections.KeepLog(connection);
            connection.Dispose();
            throw;
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
        using (var old = new DamagedFile(FilePath, Watermarks.Read(WatermarksPath)))
        {
            var epoch = NextEpoch(old.ReadEpoch());
            using var file = new BufferFile(Connections.Open(NewPath, () => epoch));
            (saved, lost) = old.CopyTo(file);
            file.EmptyLog(); // the log of a file that is renamed would not come with it
        }

        File.Move(NewPath, SalvagedPath); // from here on the new file is the buffer
        var kept = Exchange();
        metrics.Salvaged(lost);
        EdgeLog.Salvaged(logger, Owner.Name, reason, saved, lost, kept);
        return new BufferFile(Connections.Open(FilePath, () => NextEpoch(0)));
    }

    /// <summary>A higher epoch than all before, noted in its file.</summary>
    /// <param name="known">The highest epoch that the caller knows; 0 if none.</param>
    public long NextEpoch(long known)
    {
        var epoch = Epochs.After(Math.Max(ReadEpoch(), known));
        NoteEpoch(epoch);
        return epoch;
    }

    private long ReadEpoch() => File.Exists(EpochPath) && long.TryParse(
        File.ReadAllText(EpochPath), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private void NoteEpoch(long epoch)
    {
        File.WriteAllText(EpochPath + ".new", epoch.ToString(CultureInfo.InvariantCulture));
        File.Move(EpochPath + ".new", EpochPath, overwrite: true);
    }

    private bool HasMessages()
    {
        using var pages = new PageScanner(FilePath);
        return Watermarks.Read(WatermarksPath) is not null || pages.Find().Any();
    }

    private BufferFile OpenOrSalvage()
    {
        if (File.Exists(SalvagedPath))
        {
            Exchange(); // the program ended while it salvaged, and the new file is complete
        }

        return TryOpen(out var damage) ?? Salvage(damage!);
    }

    /// <summary>Puts the damaged file aside and the salvaged one in its place. It can be interrupted anywhere, and done again.</summary>
    private string Exchange()
    {
        var kept = PutAside();
        File.Move(SalvagedPath, FilePath);
        return kept;
    }

    /// <summary>Puts a damaged file and its log aside, and returns where they are.</summary>
    public string PutAside()
    {
        var kept = FilePath + time.GetUtcNow().ToString("'.damaged-'yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        foreach (var suffix in Suffixes.Where(suffix => File.Exists(FilePath + suffix)))
        {
            File.Move(FilePath + suffix, kept + suffix);
        }

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
            return (file.Contradiction ?? file.FindMissing(Watermarks.Read(WatermarksPath))) is { } problem
                ? throw new SqliteException(problem, Corrupt)
                : file;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                Connections.KeepLog(connection); // the log of a damaged file may have what the file lacks
                connection.Dispose();
            }

            // A statement that cannot be prepared (Error) says that the schema is damaged.
            if (!IsDamage(e) && e is not SqliteException { SqliteErrorCode: Error })
            {
                throw;
            }

            damage = e.Message;
            return null;
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
