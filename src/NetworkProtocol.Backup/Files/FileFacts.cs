namespace NetworkProtocol.Backup.Files;

/// <summary>The attributes of a file, a folder or a link.</summary>
/// <param name="Kind">Which of them it is.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Modified">When its content last changed.</param>
/// <param name="Owner">Its owner; null where the system does not tell.</param>
/// <param name="Identity">Equal only for two names of the same file; null where the system does not tell.</param>
internal sealed record FileFacts(
    FileKind Kind, UnixFileMode Mode, DateTimeOffset Modified, Owner? Owner, (ulong Device, ulong Number)? Identity);
