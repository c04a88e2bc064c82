namespace NetworkProtocol.Backup;

/// <summary>What can have a name in a folder.</summary>
internal enum FileKind
{
    File,
    Folder,
    Link,

    /// <summary>A socket, a pipe or a device, which hold nothing that could be saved.</summary>
    Other,
}
