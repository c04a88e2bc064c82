namespace NetworkProtocol.Backup.Age;

/// <summary>Decrypts a file that was just written, for which no private key is needed.</summary>
internal sealed class KnownFileKey(byte[] fileKey) : IIdentity
{
    public byte[]? Unwrap(IReadOnlyList<Stanza> stanzas) => fileKey;
}
