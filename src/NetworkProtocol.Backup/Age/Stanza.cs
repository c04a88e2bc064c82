namespace NetworkProtocol.Backup.Age;

/// <summary>One entry of an age file's header: the file key, wrapped for somebody.</summary>
/// <param name="Type">What kind of recipient it is for, as <c>X25519</c>.</param>
/// <param name="Arguments">What else its first line says.</param>
/// <param name="Body">The wrapped key.</param>
internal sealed record Stanza(string Type, IReadOnlyList<string> Arguments, byte[] Body);
