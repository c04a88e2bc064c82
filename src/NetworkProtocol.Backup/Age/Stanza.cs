namespace NetworkProtocol.Backup.Age;

/// <summary>An entry of an age file's header: the file key, wrapped for one recipient.</summary>
/// <param name="Type">The kind of the recipient, as <c>X25519</c>.</param>
/// <param name="Arguments">The other words of its first line.</param>
/// <param name="Body">The wrapped key.</param>
internal sealed record Stanza(string Type, IReadOnlyList<string> Arguments, byte[] Body);
