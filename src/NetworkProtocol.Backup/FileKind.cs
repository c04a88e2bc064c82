namespace NetworkProtocol.Backup;

/// <summary>The kind of an entry of a folder.</summary>
internal enum FileKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A socket, a pipe or a device, which have no content that could be saved.</summary>
    Other,
}
