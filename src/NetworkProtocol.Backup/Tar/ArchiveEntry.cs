namespace NetworkProtocol.Backup.Tar;

/// <summary>A file, a folder or a symbolic link in an archive.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Name">Its path in the archive, as <see cref="FileNames"/> has it.</param>
internal sealed record ArchiveEntry(FileKind Kind, string Name)
{
    /// <summary>Where a link leads.</summary>
    public string LinkTarget { get; init; } = "";

    /// <summary>The bytes of a file.</summary>
    public long Size { get; init; }

    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public DateTimeOffset Modified { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Null where it is not known.</summary>
    public Owner? Owner { get; init; }
}
