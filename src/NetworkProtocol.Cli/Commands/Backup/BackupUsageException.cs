namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>An option that is wrong, in words for whoever gave it.</summary>
internal sealed class BackupUsageException(string message) : Exception(message);
