namespace NetworkProtocol.Backup.Tar;

/// <summary>A file, a folder or a symbolic link in an archive.</summary>
/// <param name="Kind">Which of them it is.</param>
/// <param name="Name">Its path in the archive, a text of <see cref="FileNames"/>.</param>
internal sealed record ArchiveEntry(FileKind Kind, string Name)
{
    /// <summary>The target of a link.</summary>
    public string LinkTarget { get; init; } = "";

    /// <summary>The bytes of a file.</summary>
    public long Size { get; init; }

    /// <summary>Its permissions.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>When its content last changed.</summary>
    public DateTimeOffset Modified { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Its owner; null where it is not known.</summary>
    public Owner? Owner { get; init; }
}
