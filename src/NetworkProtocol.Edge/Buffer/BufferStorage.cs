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

    private string EpochPath => Path.Combine(Folder, EpochFileName);

    /// <summary>Whether an error says that the file is damaged.</summary>
    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

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
            CreateFile();
            var connection = Connections.Open(FilePath, () => NextEpoch(0));
            try
            {
                Check(connection);
                return new BufferFile(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return Salvage(e);
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new IOException($"{EdgeOptions.Section}:Path = {Folder}: the edge's buffer cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Moves what can be read of a damaged file to a new one.</summary>
    public BufferFile Salvage(SqliteException error)
    {
        var kept = FilePath + time.GetUtcNow().ToString("'.damaged-'yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        foreach (var suffix in Suffixes.Where(suffix => File.Exists(FilePath + suffix)))
        {
            File.Move(FilePath + suffix, kept + suffix);
        }

        CreateFile();
        using var old = new DamagedFile(kept);
        var epoch = NextEpoch(old.ReadEpoch());
        var file = new BufferFile(Connections.Open(FilePath, () => epoch));
        var (saved, lost) = old.CopyTo(file);
        metrics.Salvaged(lost);
        EdgeLog.Salvaged(logger, error.Message, saved, lost, kept);
        return file;
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
    private void CreateFile()
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(FilePath))
        {
            new FileStream(FilePath, new FileStreamOptions
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
