namespace NetworkProtocol.Backup.Age;

/// <summary>Whom a file is written for.</summary>
internal interface IRecipient
{
    Stanza Wrap(ReadOnlySpan<byte> fileKey);
}
