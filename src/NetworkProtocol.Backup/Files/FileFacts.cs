namespace NetworkProtocol.Backup.Files;

/// <summary>What is known of a file, a folder or a link.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Mode">Who may do what.</param>
/// <param name="Modified">When its content last changed.</param>
/// <param name="Owner">Whose it is; null where that cannot be told.</param>
/// <param name="Identity">The same for two names of the same file alone; null where that cannot be told.</param>
internal sealed record FileFacts(FileKind Kind, UnixFileMode Mode, DateTimeOffset Modified, Owner? Owner, (ulong Device, ulong Number)? Identity);
