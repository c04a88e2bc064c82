namespace NetworkProtocol.Backup;

/// <summary>A backup that could not be made or read, in words for whoever wanted it.</summary>
internal sealed class BackupException : Exception
{
    public BackupException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
