namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>An option of a backup command is wrong; the message is for the user.</summary>
internal sealed class BackupUsageException(string message) : Exception(message);
