namespace NetworkProtocol.Cli.Backup;

/// <summary>A folder that is saved.</summary>
/// <param name="Name">The first part of its paths in the backup.</param>
/// <param name="Path">Where it is, in full.</param>
/// <param name="FollowsLinks">
/// Whether links that lead out are followed. Not where somebody less than root can write: the backup would hold what they may not read.
/// </param>
internal sealed record SourceFolder(string Name, string Path, bool FollowsLinks)
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
            foreach (var item in Look(entry, $"{name}/{entry.Name}", leftOut, depth))
            {
                yield return item;
            }
        }
    }

    private IEnumerable<SourceItem> Look(FileSystemInfo entry, string path, Action<string> leftOut, int depth)
    {
        if (KeptLink(entry) is { } link)
        {
            return [new SourceItem(path, entry, link)];
        }

        if (entry.LinkTarget is not null && !FollowsLinks)
        {
            leftOut($"{entry.FullName} is a link that leads elsewhere");
            return [];
        }

        var real = entry.LinkTarget is null ? entry : entry.ResolveLinkTarget(returnFinalTarget: true)!;
        if (real is { Exists: false })
        {
            leftOut($"{entry.FullName} {(entry.LinkTarget is null ? "is gone" : "is a link that leads nowhere")}");
            return [];
        }

        if (real is DirectoryInfo below)
        {
            return Walk(below, path, leftOut, depth + 1);
        }

        if (Statx.Of(entry.FullName)?.IsFile ?? true)
        {
            return [new SourceItem(path, entry, LinkTarget: null)];
        }

        leftOut($"{entry.FullName} is a socket, a pipe or a device");
        return [];
    }

    // A link within the folder stays one, as those that certbot keeps; one that leads out would lead nowhere on another machine.
    private string? KeptLink(FileSystemInfo entry)
    {
        if (entry.LinkTarget is not { } target)
        {
            return null;
        }

        var folder = System.IO.Path.GetDirectoryName(entry.FullName)!;
        if (!Holds(folder))
        {
            return null; // behind a link that leads out, where what it is relative to is not what it was
        }

        var full = System.IO.Path.GetFullPath(target, folder);
        return Holds(full) ? System.IO.Path.GetRelativePath(folder, full) : null;
    }
}

/// <summary>A file, a folder or a link that is saved.</summary>
/// <param name="Path">Its path in the backup.</param>
/// <param name="Entry">What it is.</param>
/// <param name="LinkTarget">Where it leads, if it is kept as a link.</param>
internal sealed record SourceItem(string Path, FileSystemInfo Entry, string? LinkTarget);
