using NetworkProtocol.Backup.Files;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>A folder that is saved.</summary>
/// <param name="Name">The first part of its paths in the backup.</param>
/// <param name="Path">Its full path.</param>
/// <param name="FollowsLinks">
/// Whether links that lead out of it are followed. They must not be where a user other than root can write: with a link such a user could
/// have files saved that the user may not read.
/// </param>
internal sealed record SourceFolder(string Name, string Path, bool FollowsLinks)
{
    /// <summary>The folder and everything below it; each folder comes before its entries.</summary>
    /// <param name="leftOut">Gets a text about each entry that cannot be saved.</param>
    /// <exception cref="IOException">A file or folder cannot be read.</exception>
    public IEnumerable<SourceItem> Items(Action<string> leftOut)
    {
        using var folder = OpenFolder.Open(Path);
        foreach (var item in Walk(new Visit(folder, Name, Path, [], IsOutside: false), leftOut))
        {
            yield return item;
        }
    }

    /// <summary>Whether a path is this folder or below it.</summary>
    public bool Holds(string path) => (path + '/').StartsWith(Path.TrimEnd('/') + '/', StringComparison.Ordinal);

    private IEnumerable<SourceItem> Walk(Visit visit, Action<string> leftOut)
    {
        if (visit.Above.Count > ArchiveBounds.MaxDepth || (visit.Facts.Identity is not null && visit.Above.Contains(visit.Facts.Identity)))
        {
            throw new IOException(
                $"{FileNames.Show(visit.Place)}: more than {ArchiveBounds.MaxDepth} folders within each other, "
                    + "or a link that leads in a circle");
        }

        yield return SourceItem.Of(visit.Name, visit.Facts, visit.Place);
        foreach (var name in visit.Folder.Names())
        {
            foreach (var item in Look(visit, name, leftOut))
            {
                yield return item;
            }
        }
    }

    private IEnumerable<SourceItem> Look(Visit visit, string name, Action<string> leftOut)
    {
        var place = $"{visit.Place}/{name}";
        var (found, isLink) = (visit.Folder.Find(name, follow: false), false);
        if (found is { Kind: FileKind.Link })
        {
            var target = visit.Folder.LinkTarget(name);
            if (KeptLink(visit, target) is { } kept)
            {
                var entry = new ArchiveEntry(FileKind.Link, $"{visit.Name}/{name}") { LinkTarget = kept };
                return [new SourceItem(entry, Content: null, place)];
            }

            if (!FollowsLinks)
            {
                leftOut($"{FileNames.Show(place)} is a link that leads elsewhere");
                return [];
            }

            (found, isLink) = (visit.Folder.Find(name, follow: true), true);
        }

        switch (found?.Kind)
        {
            case FileKind.Folder:
                return Enter(visit, name, isLink, leftOut);
            case FileKind.File when visit.Folder.OpenFile(name, isLink) is var (content, facts):
                return [SourceItem.Of($"{visit.Name}/{name}", facts, place, content)];
            case FileKind.Other:
                leftOut($"{FileNames.Show(place)} is a socket, a pipe or a device");
                return [];
            default:
                leftOut(FileNames.Show(place) + (isLink ? " is a link that leads nowhere" : " was deleted while the backup was made"));
                return [];
        }
    }

    private IEnumerable<SourceItem> Enter(Visit visit, string name, bool isLink, Action<string> leftOut)
    {
        using var below = visit.Folder.Enter(name, isLink);
        foreach (var item in Walk(visit.Below(below, name, isLink), leftOut))
        {
            yield return item;
        }
    }

    // A link to a place within the folder stays a link, as certbot has them. One that leads out would lead nowhere on another machine.
    private string? KeptLink(Visit visit, string target)
    {
        if (visit.IsOutside)
        {
            return null; // a link has led here, so the folder has another place in the backup than on the disk
        }

        var full = System.IO.Path.GetFullPath(target, visit.Place);
        return Holds(full) ? System.IO.Path.GetRelativePath(visit.Place, full) : null;
    }

    /// <summary>A folder that is being saved.</summary>
    /// <param name="Folder">The folder itself.</param>
    /// <param name="Name">Its path in the backup.</param>
    /// <param name="Place">Its path on this machine.</param>
    /// <param name="Above">The identities of its parents, by which a circle is found.</param>
    /// <param name="IsOutside">Whether a link has led to it.</param>
    private sealed record Visit(OpenFolder Folder, string Name, string Place, IReadOnlyList<(ulong, ulong)?> Above, bool IsOutside)
    {
        public FileFacts Facts { get; } = Folder.Facts;

        public Visit Below(OpenFolder below, string name, bool isLink) =>
            new(below, $"{Name}/{name}", $"{Place}/{name}", [.. Above, Facts.Identity], IsOutside || isLink);
    }
}
