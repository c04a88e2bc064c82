namespace NetworkProtocol.Backup;

/// <summary>A file of a backup, as it was when it was read.</summary>
/// <param name="Size">The number of its bytes.</param>
/// <param name="Sha256">Their SHA-256 in hexadecimal, in capitals.</param>
internal sealed record ManifestFile(long Size, string Sha256);
