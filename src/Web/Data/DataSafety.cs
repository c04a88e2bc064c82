namespace NetworkProtocol.Web.Data;

/// <summary>
/// Checks owners and modes in the data folder: only the program's user and root may change the files or read the secret ones.
/// </summary>
internal static class DataSafety
{
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OthersDoAnything = OthersWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The secret files of this program; files of other programs are not checked.</summary>
    private static readonly string[] Files = ["bans.json", "tokens.json", "sessions", "instance", "keys/*.xml"];

    /// <summary>The files of the audit log, which a log collector may read.</summary>
    private const string AuditFiles = "audit*.jsonl";

    /// <exception cref="InvalidOperationException">
    /// Another user could change the folder; the message says what its owner and mode must be.
    /// </exception>
    public static void CheckFolder(string folder)
    {
        Check(new DirectoryInfo(folder), OthersWrite, "0700");
        Check(new FileInfo(Path.Combine(folder, DataLock.FileName)), OthersWrite, "0600");
    }

    /// <exception cref="InvalidOperationException">
    /// Another user could change or read a file; the message names the file and says what its owner and mode must be.
    /// </exception>
    public static void CheckFiles(string folder)
    {
        Check(new DirectoryInfo(Path.Combine(folder, "keys")), OthersWrite, "0700");
        foreach (var file in Files.SelectMany(pattern => Matching(folder, pattern)))
        {
            Check(file, OthersDoAnything, "0600");
        }

        foreach (var file in Matching(folder, AuditFiles))
        {
            Check(file, OthersWrite, "0600 or 0640");
        }
    }

    private static IEnumerable<FileInfo> Matching(string folder, string pattern)
    {
        var place = new DirectoryInfo(Path.Combine(folder, Path.GetDirectoryName(pattern)!));
        return place.Exists ? place.EnumerateFiles(Path.GetFileName(pattern)) : [];
    }

    private static void Check(FileSystemInfo entry, UnixFileMode forbidden, string right)
    {
        if (entry is FileInfo && entry.LinkTarget is not null)
        {
            throw new InvalidOperationException($"{entry.FullName}: is a link to {entry.LinkTarget}; it must be a file in this folder");
        }

        if (!entry.Exists || OperatingSystem.IsWindows())
        {
            return;
        }

        if (FileOwner.Of(entry) is { } owner && owner != FileOwner.Current && owner != FileOwner.Root)
        {
            throw new InvalidOperationException(
                $"{entry.FullName}: belongs to the user {owner}; "
                    + $"it must belong to the user that the program runs as, {FileOwner.Current}, or to root");
        }

        var mode = entry.UnixFileMode;
        if ((mode & forbidden) != 0)
        {
            throw new InvalidOperationException(
                $"{entry.FullName}: has the mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, with which other users can "
                    + $"{((mode & OthersWrite) != 0 ? "change" : "read")} it; it must be {right}");
        }
    }
}
