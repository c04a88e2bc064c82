using NetworkProtocol.Backup.Files;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>Writes the entries of a backup into empty folders.</summary>
internal sealed class Restorer
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1ff;

    private readonly IReadOnlyDictionary<string, string> _targets;
    private readonly List<ArchiveEntry> _made = [];
    private readonly List<ArchiveEntry> _links = [];

    /// <summary>Checks the folders; nothing is written yet.</summary>
    /// <param name="targets">The folder for each first part of the paths in the backup.</param>
    /// <param name="bytes">The bytes of all files together.</param>
    /// <exception cref="BackupException">A folder is not empty, or its disk has too little space.</exception>
    public Restorer(IReadOnlyDictionary<string, string> targets, long bytes)
    {
        _targets = targets;
        foreach (var target in targets.Values)
        {
            if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            {
                throw new BackupException(
                    $"{target} is not empty: move it away, or restore --into another folder; nothing is ever overwritten");
            }

            if (FreeSpace.Of(target) is var free && free < bytes)
            {
                throw new BackupException($"{target} has room for {free} bytes, and the backup holds {bytes}");
            }
        }
    }

    /// <summary>Creates an entry, and gives the stream for its data.</summary>
    public Stream? Make(ArchiveEntry entry)
    {
        if (entry.Kind == FileKind.Link)
        {
            _links.Add(entry); // made last, so that nothing is written through a link
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

    /// <summary>Makes the links, and sets modes, times and owners, once all data is written.</summary>
    public void Finish()
    {
        foreach (var link in _links)
        {
            using var folder = FolderOf(link.Name, out var name);
            folder.CreateLink(name, link.LinkTarget);
        }

        foreach (var entry in Enumerable.Reverse(_made)) // a folder after its entries, which change its time
        {
            using var folder = FolderOf(entry.Name, out var name);
            folder.Describe(name, entry with { Mode = entry.Mode & Permissions });
        }
    }

    /// <summary>Empties the folders again.</summary>
    public void Undo()
    {
        foreach (var target in _targets.Values.Where(Directory.Exists))
        {
            using var folder = OpenFolder.Open(target);
            folder.Empty();
        }
    }

    /// <summary>
    /// Opens the folder of an entry, and gives the entry's name in it; for a source itself, its folder and an empty name.
    /// </summary>
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
        ? target
        : throw new BackupException($"{FileNames.Show(source)}: {Manifest.Name} does not say where it belongs");
}
