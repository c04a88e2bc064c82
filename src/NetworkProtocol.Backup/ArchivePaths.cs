using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>
/// Checks the paths and links of an archive. Everybody can make a backup for a public key, so its content is not trusted: no entry may name
/// a place outside the archive's own folders, or a place that is reached through a link.
/// </summary>
internal sealed class ArchivePaths
{
    /// <summary>The most links that Linux follows on one path.</summary>
    private const int MostLinks = 40;

    /// <summary>The most characters of paths and targets that are read to follow all links; that takes some seconds.</summary>
    private const long MostWork = 1L << 30;

    private readonly HashSet<string> _folders = [];
    private long _work;

    /// <summary>The paths of all entries.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>The target of each link, by its path.</summary>
    public Dictionary<string, string> Links { get; } = [];

    /// <summary>Checks and remembers an entry.</summary>
    /// <exception cref="InvalidDataException">The entry leads out of its folder, or its folder has not come before it.</exception>
    public void Add(ArchiveEntry entry)
    {
        var name = entry.Name;
        if (name.Split('/').Any(part => part is "" or "." or "..") || (name + entry.LinkTarget).Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidDataException("its path leads elsewhere");
        }

        if (entry.Kind != FileKind.Folder && !name.Contains('/', StringComparison.Ordinal))
        {
            throw new InvalidDataException("it is in no folder");
        }

        if (name.LastIndexOf('/') is > 0 and var end && !_folders.Contains(name[..end]))
        {
            throw new InvalidDataException(Links.ContainsKey(name[..end])
                ? $"{FileNames.Show(name)} lies behind a link"
                : "its folder does not come before it");
        }

        if (!Names.Add(name))
        {
            throw new InvalidDataException("it is there twice");
        }

        if (entry.Kind == FileKind.Folder)
        {
            _folders.Add(name);
        }
        else if (entry.Kind == FileKind.Link)
        {
            Links.Add(name, entry.LinkTarget);
        }
    }

    /// <summary>Follows each link as the file system would, also through other links.</summary>
    /// <exception cref="InvalidDataException">A link leads out of its folder.</exception>
    public void CheckLinks()
    {
        foreach (var (name, target) in Links)
        {
            if (!StaysWithin(name, target))
            {
                throw new InvalidDataException($"{FileNames.Show(name)} is a link to {FileNames.Show(target)}, outside its folder");
            }
        }
    }

    private bool StaysWithin(string name, string target)
    {
        var place = name.Split('/')[..^1].ToList();
        var ahead = new Stack<string>();
        var followed = 0;
        for (var link = target; ;)
        {
            if (link.Length == 0 || link[0] == '/' || ++followed > MostLinks)
            {
                return false;
            }

            Spend(link.Length);
            foreach (var part in link.Split('/').Where(part => part is not ("" or ".")).Reverse())
            {
                ahead.Push(part);
            }

            if (Walk(place, ahead) is not { } next)
            {
                return place.Count > 0;
            }

            link = next;
        }
    }

    /// <summary>
    /// Walks until the next link, and gives its target; null at the end of the path, or outside the folders, where the place is empty.
    /// </summary>
    private string? Walk(List<string> place, Stack<string> ahead)
    {
        while (place.Count > 0 && ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                place.RemoveAt(place.Count - 1);
            }
            else if (Links.TryGetValue(Join(place, part), out var target))
            {
                return target;
            }
            else
            {
                place.Add(part);
            }
        }

        return null;
    }

    private string Join(List<string> place, string part)
    {
        var path = string.Join('/', place.Append(part));
        Spend(path.Length);
        return path;
    }

    private void Spend(int letters)
    {
        _work += letters;
        if (_work > MostWork)
        {
            throw new InvalidDataException("its links lead through too many folders to be followed");
        }
    }
}
