namespace NetworkProtocol.Backup.Age;

/// <summary>A key that files are encrypted for.</summary>
internal interface IRecipient
{
    /// <summary>Encrypts the file key for this recipient.</summary>
    Stanza Wrap(ReadOnlySpan<byte> fileKey);
}
