using System.Formats.Tar;

namespace NetworkProtocol.Cli.Backup;

/// <summary>Writes what a backup holds into folders that are empty.</summary>
internal sealed class Restorer
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1ff;

    private readonly IReadOnlyDictionary<string, string> _targets;
    private readonly List<(string Path, TarEntry Entry)> _made = [];
    private readonly List<(string Path, string Target)> _links = [];

    /// <param name="targets">By the first part of a path in the backup, where it goes.</param>
    /// <exception cref="BackupException">One of them is not empty.</exception>
    public Restorer(IReadOnlyDictionary<string, string> targets)
    {
        _targets = targets;
        foreach (var target in targets.Values)
        {
            if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            {
                throw new BackupException($"{target} is not empty: move it away, or restore --into another folder; nothing is ever overwritten");
            }
        }
    }

    /// <summary>Makes what an entry says; gives what its data is to be written to.</summary>
    public Stream? Make(TarEntry entry)
    {
        var path = Locate(entry.Name);
        if (entry.EntryType == TarEntryType.SymbolicLink)
        {
            _links.Add((path, entry.LinkName)); // made later, so that nothing is written through it
            return null;
        }

        _made.Add((path, entry));
        if (entry.EntryType == TarEntryType.Directory)
        {
            PrivateFiles.CreateFolder(path);
            return null;
        }

        return new FileStream(path, PrivateFiles.Options(FileMode.CreateNew));
    }

    /// <summary>Once all the data is there: links, and whose it is.</summary>
    public void Finish()
    {
        foreach (var (path, target) in _links)
        {
            File.CreateSymbolicLink(path, target);
        }

        foreach (var (path, entry) in Enumerable.Reverse(_made)) // a folder after what it holds
        {
            Describe(path, entry);
        }
    }

    /// <summary>Leaves the folders as empty as they were.</summary>
    public void Undo()
    {
        foreach (var entry in _targets.Values.Where(Directory.Exists).SelectMany(target => new DirectoryInfo(target).EnumerateFileSystemInfos()))
        {
            if (entry is DirectoryInfo { LinkTarget: null } folder)
            {
                folder.Delete(recursive: true);
            }
            else
            {
                entry.Delete();
            }
        }
    }

    private string Locate(string name)
    {
        var first = name.Split('/')[0];
        return _targets.TryGetValue(first, out var target)
            ? Path.Combine(target, name[first.Length..].Trim('/')) : throw new BackupException($"{name}: {Manifest.Name} does not say where it belongs");
    }

    private static void Describe(string path, TarEntry entry)
    {
        if (entry is PosixTarEntry { UserName: var user, GroupName: var group })
        {
            new Owner(entry.Uid, entry.Gid, user, group).Apply(path);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, entry.Mode & Permissions);
        }

        File.SetLastWriteTimeUtc(path, entry.ModificationTime.UtcDateTime);
    }
}
