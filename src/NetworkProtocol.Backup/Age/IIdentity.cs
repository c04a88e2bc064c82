namespace NetworkProtocol.Backup.Age;

/// <summary>Who reads a file.</summary>
internal interface IIdentity
{
    /// <summary>The file key; null if none of these is for this identity.</summary>
    /// <exception cref="InvalidDataException">One is, and it is damaged or asks for too much.</exception>
    byte[]? Unwrap(IReadOnlyList<Stanza> stanzas);
}
