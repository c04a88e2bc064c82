using System.Formats.Tar;

namespace NetworkProtocol.Cli.Backup;

/// <summary>
/// Where an entry may lead. Everybody can make a backup for a public key, so what a backup holds is not to be trusted: nothing in it
/// names a place outside its own folders.
/// </summary>
internal static class ArchivePath
{
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

        if (entry.EntryType == TarEntryType.SymbolicLink && !StaysWithin(parts.Length - 2, entry.LinkName))
        {
            throw new InvalidDataException($"it is a link to {entry.LinkName}, outside its folder");
        }
    }

    // How many folders the link itself is below the first: so many times it may go up, and no further.
    private static bool StaysWithin(int depth, string target)
    {
        foreach (var part in target.Split('/'))
        {
            depth += part switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
            {
                return false;
            }
        }

        return target.Length > 0 && target[0] != '/';
    }
}
