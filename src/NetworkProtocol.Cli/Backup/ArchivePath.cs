using System.Formats.Tar;

namespace NetworkProtocol.Cli.Backup;

/// <summary>
/// Where an entry may lead. Everybody can make a backup for a public key, so what a backup holds is not to be trusted: nothing in it
/// names a place outside its own folders.
/// </summary>
internal static class ArchivePath
{
    /// <summary>What Linux follows on one path.</summary>
    private const int MostLinks = 40;

    /// <exception cref="InvalidDataException">The entry leads out of its folder, or is of a kind that no backup has.</exception>
    public static void Check(TarEntry entry)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.Directory or TarEntryType.SymbolicLink))
        {
            throw new InvalidDataException($"it is a {entry.EntryType}, which no backup holds");
        }

        var parts = entry.Name.TrimEnd('/').Split('/');
        if (parts.Any(part => part is "" or "." or "..") || entry.Name.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidDataException("its path leads elsewhere");
        }
    }

    /// <summary>Follows each link as the file system would, through other links, too.</summary>
    /// <exception cref="InvalidDataException">One leads out of its folder, or something lies behind one.</exception>
    public static void Check(IReadOnlyDictionary<string, string> links, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            var parts = name.TrimEnd('/').Split('/');
            if (Enumerable.Range(1, parts.Length - 1).Any(length => links.ContainsKey(string.Join('/', parts[..length]))))
            {
                throw new InvalidDataException($"{name} lies behind a link");
            }
        }

        foreach (var (name, target) in links)
        {
            if (!StaysWithin(name, target, links))
            {
                throw new InvalidDataException($"{name} is a link to {target}, outside its folder");
            }
        }
    }

    private static bool StaysWithin(string name, string target, IReadOnlyDictionary<string, string> links)
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

            foreach (var part in link.Split('/').Where(part => part is not ("" or ".")).Reverse())
            {
                ahead.Push(part);
            }

            if (Walk(place, ahead, links) is not { } next)
            {
                return place.Count > 0;
            }

            link = next;
        }
    }

    /// <summary>Goes on until the end, or out, where the place is empty; or to the next link, of which it gives the target.</summary>
    private static string? Walk(List<string> place, Stack<string> ahead, IReadOnlyDictionary<string, string> links)
    {
        while (place.Count > 0 && ahead.TryPop(out var part))
        {
            if (part == "..")
            {
                place.RemoveAt(place.Count - 1);
            }
            else if (links.TryGetValue(string.Join('/', place.Append(part)), out var target))
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
}
