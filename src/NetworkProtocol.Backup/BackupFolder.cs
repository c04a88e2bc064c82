using System.Globalization;
using System.Text.RegularExpressions;

namespace NetworkProtocol.Backup;

/// <summary>The folder with the backups, one a file, in the order of their names. One program at a time works in it.</summary>
internal sealed partial class BackupFolder : IDisposable
{
    private const string LockName = ".network-protocol.lock";
    private const string Unfinished = ".partial";

    /// <summary>How Unix and Windows say that somebody else has the lock.</summary>
    private const int WouldBlock = 11;
    private const int SharingViolation = unchecked((int)0x80070020);

    private readonly string _path;
    private readonly FileStream _lock;

    private BackupFolder(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <exception cref="BackupException">Another program works in it.</exception>
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

    /// <summary>A file for a backup, which is none before <see cref="Finish"/>.</summary>
    public FileStream Create(DateTimeOffset now) => new(
        Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"network-protocol-{now.UtcDateTime:yyyyMMdd'T'HHmmss.fff'Z'}.tar.gz.age{Unfinished}")),
        PrivateFiles.Options(FileMode.CreateNew));

    /// <summary>Gives the file its name, once all of it is on the disk.</summary>
    public static string Finish(FileStream file)
    {
        file.Flush(flushToDisk: true);
        var path = file.Name[..^Unfinished.Length];
        File.Move(file.Name, path);
        return path;
    }

    /// <summary>Deletes all but the newest, by their names; never the one that was just made, whatever the clock did.</summary>
    public IReadOnlyList<string> Keep(int count, string made)
    {
        var old = Directory.GetFiles(_path).Where(file => BackupName().IsMatch(Path.GetFileName(file)) && file != made)
            .OrderDescending(StringComparer.Ordinal).Skip(count - 1).ToArray();
        Array.ForEach(old, File.Delete);
        return old;
    }

    public void Dispose() => _lock.Dispose();

    // What a run has left that was cut off.
    private void DeleteUnfinished() => Array.ForEach(Directory.GetFiles(_path, "network-protocol-*" + Unfinished), File.Delete);

    [GeneratedRegex(@"^network-protocol-\d{8}T\d{6}\.\d{3}Z\.tar\.gz\.age$")]
    private static partial Regex BackupName();
}
