using System.Runtime.CompilerServices;
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
/// <param name="Unwanted">The paths in the backup that are not saved, as <c>state/hub.db</c>.</param>
internal sealed record SourceFolder(string Name, string Path, bool FollowsLinks, IReadOnlySet<string> Unwanted)
{
    /// <summary>The folder and everything below it; each folder comes before its entries.</summary>
    /// <param name="databases">Copies databases that are in use.</param>
    /// <param name="leftOut">Gets a text about each entry that is not saved.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="IOException">A file or folder cannot be read.</exception>
    public async IAsyncEnumerable<SourceItem> ItemsAsync(
        DatabaseCopies databases, Action<string> leftOut, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var folder = OpenFolder.Open(Path);
        await foreach (var item in Walk(new Visit(folder, Name, Path, [], IsOutside: false), databases, leftOut, cancellationToken))
        {
            yield return item;
        }
    }

    /// <summary>Whether a path is this folder or below it.</summary>
    public bool Holds(string path) => (path + '/').StartsWith(Path.TrimEnd('/') + '/', StringComparison.Ordinal);

    private async IAsyncEnumerable<SourceItem> Walk(
        Visit visit, DatabaseCopies databases, Action<string> leftOut, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (visit.Above.Count > ArchiveBounds.MaxDepth || (visit.Facts.Identity is not null && visit.Above.Contains(visit.Facts.Identity)))
        {
            throw new IOException(
                $"{FileNames.Show(visit.Place)}: more than {ArchiveBounds.MaxDepth} folders within each other, "
                    + "or a link that leads in a circle");
        }

        yield return SourceItem.Of(visit.Name, visit.Facts, visit.Place);
        var companions = new HashSet<string>(StringComparer.Ordinal); // of the databases, which come before them by name
        foreach (var name in visit.Folder.Names().Where(name => !companions.Contains(name)))
        {
            await foreach (var item in Look(visit, name, companions, databases, leftOut, cancellationToken))
            {
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<SourceItem> Look(
        Visit visit,
        string name,
        HashSet<string> companions,
        DatabaseCopies databases,
        Action<string> leftOut,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var place = $"{visit.Place}/{name}";
        if (Unwanted.Contains($"{visit.Name}/{name}"))
        {
            companions.UnionWith(DatabaseCopies.Companions.Select(suffix => name + suffix));
            leftOut($"{FileNames.Show(place)} is not wanted");
            yield break;
        }

        var (found, isLink) = (visit.Folder.Find(name, follow: false), false);
        if (found is { Kind: FileKind.Link })
        {
            var target = visit.Folder.LinkTarget(name);
            if (KeptLink(visit, target) is { } kept)
            {
                var entry = new ArchiveEntry(FileKind.Link, $"{visit.Name}/{name}") { LinkTarget = kept };
                yield return new SourceItem(entry, Content: null, place);
                yield break;
            }

            if (!FollowsLinks)
            {
                leftOut($"{FileNames.Show(place)} is a link that leads elsewhere");
                yield break;
            }

            (found, isLink) = (visit.Folder.Find(name, follow: true), true);
        }

        switch (found?.Kind)
        {
            case FileKind.Folder:
                using (var below = visit.Folder.Enter(name, isLink))
                {
                    await foreach (var item in Walk(visit.Below(below, name, isLink), databases, leftOut, cancellationToken))
                    {
                        yield return item;
                    }
                }

                break;
            case FileKind.File when visit.Folder.OpenFile(name, isLink) is var (content, facts):
                content = isLink ? content : await CopyDatabaseAsync(visit, name, content, facts, companions, databases, cancellationToken);
                yield return SourceItem.Of($"{visit.Name}/{name}", facts, place, content);
                break;
            case FileKind.Other:
                leftOut($"{FileNames.Show(place)} is a socket, a pipe or a device");
                break;
            default:
                leftOut(FileNames.Show(place) + (isLink ? " is a link that leads nowhere" : " was deleted while the backup was made"));
                break;
        }
    }

    /// <summary>The content to save: of a database a copy, in which nothing is half written.</summary>
    private static async Task<Stream> CopyDatabaseAsync(
        Visit visit,
        string name,
        Stream content,
        FileFacts facts,
        HashSet<string> companions,
        DatabaseCopies databases,
        CancellationToken cancellationToken)
    {
        if (!name.EndsWith(DatabaseCopies.Extension, StringComparison.Ordinal) || !FileNames.IsUtf8(name))
        {
            return content;
        }

        var isDatabase = DatabaseCopies.IsDatabase(content);
        content.Position = 0;
        if (!isDatabase || await databases.OpenAsync(visit.Folder, name, $"{visit.Place}/{name}", cancellationToken) is not { } copy)
        {
            return content;
        }

        await content.DisposeAsync();
        companions.UnionWith(DatabaseCopies.Companions.Select(suffix => name + suffix));
        if (visit.Folder.Find(name, follow: false) is not { Kind: FileKind.File } now || now.Identity != facts.Identity)
        {
            await copy.DisposeAsync();
            throw new IOException($"{FileNames.Show(visit.Place)}/{name} was replaced during the backup. Start the backup again");
        }

        return copy;
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
