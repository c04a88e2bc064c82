namespace NetworkProtocol.Cli.Backup;

/// <summary>A folder that is saved.</summary>
/// <param name="Name">The first part of its paths in the backup.</param>
/// <param name="Path">Where it is, in full.</param>
internal sealed record SourceFolder(string Name, string Path)
{
    /// <summary>Folders within folders at most: links that lead out are followed, and could lead in circles.</summary>
    private const int Deepest = 64;

    /// <summary>All below it and itself, each folder before what it holds.</summary>
    /// <param name="leftOut">Told of what holds nothing that could be saved.</param>
    public IEnumerable<SourceItem> Items(Action<string> leftOut) => Walk(new DirectoryInfo(Path), Name, leftOut, depth: 0);

    public bool Holds(string path) => (path + '/').StartsWith(Path.TrimEnd('/') + '/', StringComparison.Ordinal);

    private IEnumerable<SourceItem> Walk(DirectoryInfo folder, string name, Action<string> leftOut, int depth)
    {
        if (depth > Deepest)
        {
            throw new IOException($"{folder.FullName}: more than {Deepest} folders within each other; does a link lead in a circle?");
        }

        yield return new SourceItem(name, folder, LinkTarget: null);
        foreach (var entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var path = $"{name}/{entry.Name}";
            if (KeptLink(entry) is { } link)
            {
                yield return new SourceItem(path, entry, link);
            }
            else if (entry.ResolveLinkTarget(returnFinalTarget: true) is { Exists: false })
            {
                leftOut($"{entry.FullName} is a link that leads nowhere");
            }
            else if ((entry.ResolveLinkTarget(returnFinalTarget: true) ?? entry) is DirectoryInfo below)
            {
                foreach (var item in Walk(below, path, leftOut, depth + 1))
                {
                    yield return item;
                }
            }
            else if (Statx.Of(entry.FullName)?.IsFile ?? entry is FileInfo)
            {
                yield return new SourceItem(path, entry, LinkTarget: null);
            }
            else
            {
                leftOut($"{entry.FullName} is a socket, a pipe or a device");
            }
        }
    }

    // A link within the folder stays one, as those that certbot keeps; one that leads out would lead nowhere on another machine.
    private string? KeptLink(FileSystemInfo entry)
    {
        if (entry.LinkTarget is not { } target)
        {
            return null;
        }

        var folder = System.IO.Path.GetDirectoryName(entry.FullName)!;
        var full = System.IO.Path.GetFullPath(target, folder);
        return Holds(full) ? System.IO.Path.GetRelativePath(folder, full) : null;
    }
}

/// <summary>A file, a folder or a link that is saved.</summary>
/// <param name="Path">Its path in the backup.</param>
/// <param name="Entry">What it is.</param>
/// <param name="LinkTarget">Where it leads, if it is kept as a link.</param>
internal sealed record SourceItem(string Path, FileSystemInfo Entry, string? LinkTarget);
