using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>
/// Where entries may lead. Everybody can make a backup for a public key, so what a backup holds is not to be trusted: nothing in it
/// names a place outside its own folders, or behind a link.
/// </summary>
internal sealed class ArchivePaths
{
    /// <summary>What Linux follows on one path.</summary>
    private const int MostLinks = 40;

    /// <summary>Letters of paths and targets that are looked at for all links together, which takes some seconds.</summary>
    private const long MostWork = 1L << 30;

    private readonly HashSet<string> _folders = [];
    private long _work;

    public HashSet<string> Names { get; } = [];

    public Dictionary<string, string> Links { get; } = [];

    /// <exception cref="InvalidDataException">The entry leads out of its folder, or there is no folder for it.</exception>
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
            throw new InvalidDataException(Links.ContainsKey(name[..end]) ? $"{FileNames.Show(name)} lies behind a link" : "its folder does not come before it");
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

    /// <summary>Follows each link as the file system would, through other links, too.</summary>
    /// <exception cref="InvalidDataException">One leads out of its folder.</exception>
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

    /// <summary>Goes on until the end, or out, where the place is empty; or to the next link, of which it gives the target.</summary>
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
