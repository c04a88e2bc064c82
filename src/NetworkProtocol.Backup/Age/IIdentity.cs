namespace NetworkProtocol.Backup.Age;

/// <summary>A secret that decrypts files.</summary>
internal interface IIdentity
{
    /// <summary>The file key; null if no stanza is for this identity.</summary>
    /// <exception cref="InvalidDataException">The stanza for this identity is damaged, or would take too much memory.</exception>
    byte[]? Unwrap(IReadOnlyList<Stanza> stanzas);
}
