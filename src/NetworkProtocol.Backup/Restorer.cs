using NetworkProtocol.Backup.Files;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>Writes what a backup holds into folders that are empty.</summary>
internal sealed class Restorer
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1ff;

    private readonly IReadOnlyDictionary<string, string> _targets;
    private readonly List<ArchiveEntry> _made = [];
    private readonly List<ArchiveEntry> _links = [];

    /// <param name="targets">By the first part of a path in the backup, where it goes.</param>
    /// <param name="bytes">What all the files have together.</param>
    /// <exception cref="BackupException">One of them is not empty, or there is no room for it.</exception>
    public Restorer(IReadOnlyDictionary<string, string> targets, long bytes)
    {
        _targets = targets;
        foreach (var target in targets.Values)
        {
            if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            {
                throw new BackupException($"{target} is not empty: move it away, or restore --into another folder; nothing is ever overwritten");
            }

            if (FreeSpace.Of(target) is var free && free < bytes)
            {
                throw new BackupException($"{target} has room for {free} bytes, and the backup holds {bytes}");
            }
        }
    }

    /// <summary>Makes what an entry says; gives what its data is to be written to.</summary>
    public Stream? Make(ArchiveEntry entry)
    {
        if (entry.Kind == FileKind.Link)
        {
            _links.Add(entry); // made later, so that nothing is written through it
            return null;
        }

        _made.Add(entry);
        if (!entry.Name.Contains('/', StringComparison.Ordinal))
        {
            PrivateFiles.CreateFolder(Target(entry.Name));
            return null;
        }

        using var folder = FolderOf(entry.Name, out var name);
        if (entry.Kind == FileKind.File)
        {
            return folder.CreateFile(name);
        }

        folder.CreateFolder(name);
        return null;
    }

    /// <summary>Once all the data is there: links, and whose it is.</summary>
    public void Finish()
    {
        foreach (var link in _links)
        {
            using var folder = FolderOf(link.Name, out var name);
            folder.CreateLink(name, link.LinkTarget);
        }

        foreach (var entry in Enumerable.Reverse(_made)) // a folder after what it holds
        {
            using var folder = FolderOf(entry.Name, out var name);
            folder.Describe(name, entry with { Mode = entry.Mode & Permissions });
        }
    }

    /// <summary>Leaves the folders as empty as they were.</summary>
    public void Undo()
    {
        foreach (var target in _targets.Values.Where(Directory.Exists))
        {
            using var folder = OpenFolder.Open(target);
            folder.Empty();
        }
    }

    /// <summary>The folder that holds an entry, and the entry's name in it; of a source the folder itself, and no name.</summary>
    private OpenFolder FolderOf(string path, out string name)
    {
        var parts = path.Split('/');
        name = parts.Length > 1 ? parts[^1] : "";
        var folder = OpenFolder.Open(Target(parts[0]));
        foreach (var part in parts.Skip(1).SkipLast(1))
        {
            using var above = folder;
            folder = above.Enter(part, follow: false);
        }

        return folder;
    }

    private string Target(string source) => _targets.TryGetValue(source, out var target)
        ? target : throw new BackupException($"{FileNames.Show(source)}: {Manifest.Name} does not say where it belongs");
}
