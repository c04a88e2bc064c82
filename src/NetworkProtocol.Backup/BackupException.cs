namespace NetworkProtocol.Backup;

/// <summary>A backup could not be made or read; the message is for the user.</summary>
internal sealed class BackupException : Exception
{
    /// <summary>Makes one.</summary>
    public BackupException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
