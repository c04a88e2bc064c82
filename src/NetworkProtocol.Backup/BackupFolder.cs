using System.Globalization;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Backup;

/// <summary>The folder of the backups, whose names sort by time. A lock lets only one program at a time work in it.</summary>
internal sealed partial class BackupFolder : IDisposable
{
    private const string LockName = ".network-protocol.lock";
    private const string Unfinished = ".partial";

    /// <summary>The error of Unix when another program has the lock.</summary>
    private const int WouldBlock = 11;

    /// <summary>The same of Windows.</summary>
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly string _path;
    private readonly FileStream _lock;

    private BackupFolder(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <summary>Creates the folder if it does not exist, locks it, and deletes unfinished backups.</summary>
    /// <exception cref="BackupException">Another program has the lock.</exception>
    public static BackupFolder Open(string path)
    {
        PrivateFiles.CreateFolder(path);
        try
        {
            var options = PrivateFiles.Options(FileMode.OpenOrCreate);
            options.Share = FileShare.None;
            var folder = new BackupFolder(path, new FileStream(Path.Combine(path, LockName), options));
            folder.DeleteUnfinished();
            return folder;
        }
        catch (IOException e) when (e.HResult is WouldBlock or SharingViolation)
        {
            throw new BackupException($"{path}: another backup is being made there", e);
        }
    }

    /// <summary>Creates the file of a backup, under a name that marks it as unfinished until <see cref="Finish"/>.</summary>
    public FileStream Create(DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        return new(Path.Combine(_path, $"network-protocol-{time}.tar.gz.age{Unfinished}"), PrivateFiles.Options(FileMode.CreateNew));
    }

    /// <summary>The path for the copy of a database, which is deleted as an unfinished backup is.</summary>
    public string PathForCopy() => Path.Combine(_path, $"network-protocol-copy-{Guid.NewGuid():N}{Unfinished}");

    /// <summary>Writes the whole file to the disk, and then gives it its final name.</summary>
    public static string Finish(FileStream file)
    {
        file.Flush(flushToDisk: true);
        var path = file.Name[..^Unfinished.Length];
        File.Move(file.Name, path);
        return path;
    }

    /// <summary>Deletes all but the newest by name. The backup that was just made stays, even if the clock was set back.</summary>
    public IReadOnlyList<string> Keep(int count, string made)
    {
        var old = Directory.GetFiles(_path).Where(file => BackupName().IsMatch(Path.GetFileName(file)) && file != made)
            .OrderDescending(StringComparer.Ordinal).Skip(count - 1).ToArray();
        Array.ForEach(old, File.Delete);
        return old;
    }

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => _lock.Dispose();

    // Those of runs that were killed.
    private void DeleteUnfinished() => Array.ForEach(Directory.GetFiles(_path, $"network-protocol-*{Unfinished}*"), File.Delete);

    [GeneratedRegex(@"^network-protocol-\d{8}T\d{6}\.\d{3}Z\.tar\.gz\.age$")]
    private static partial Regex BackupName();
}
