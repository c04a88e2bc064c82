using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>
/// The most that a backup may hold besides the content of its files, which is copied in pieces and takes no memory. Everybody can make a
/// backup for a public key, and a small file must not take all the memory of the machine that reads it. The same limits hold for backups
/// that we write.
/// </summary>
internal sealed class ArchiveBounds
{
    /// <summary>Files, folders and links together.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>All paths and link targets together.</summary>
    public const int MaxNameBytes = 16 * 1024 * 1024;

    /// <summary>One path in the backup.</summary>
    public const int MaxPathBytes = 64 * 1024;

    /// <summary>Folders within each other.</summary>
    public const int MaxDepth = 1000;

    /// <summary>The target of one link, which is the most that Linux allows.</summary>
    public const int MaxLinkBytes = 4095;

    /// <summary>An extended header has a path, a link target and a few short fields.</summary>
    public const int MaxExtendedHeaderBytes = MaxPathBytes + (8 * 1024);

    /// <summary>The manifest.</summary>
    public const int MaxManifestBytes = 32 * 1024 * 1024;

    private int _entries;
    private long _nameBytes;

    /// <summary>Counts an entry.</summary>
    /// <exception cref="InvalidDataException">A limit is exceeded.</exception>
    public void Add(ArchiveEntry entry)
    {
        var (path, link) = (FileNames.Encode(entry.Name).Length, FileNames.Encode(entry.LinkTarget).Length);
        Require(++_entries, MaxEntries, "entries in all");
        Require(path, MaxPathBytes, "bytes in its path");
        Require(link, MaxLinkBytes, "bytes in its link");
        Require(_nameBytes += path + link, MaxNameBytes, "bytes of names in all");
        Require(entry.Name.AsSpan().Count('/'), MaxDepth, "folders within each other");
    }

    private static void Require(long count, int most, string what)
    {
        if (count > most)
        {
            throw new InvalidDataException($"more than {most} {what}, which is the most that a backup may have");
        }
    }
}
