namespace NetworkProtocol.Backup.Tar;

/// <summary>
/// Writes a tar archive in the pax interchange format. .NET's TarWriter is not used, because it writes names as UTF-8, and a name need not
/// be UTF-8.
/// </summary>
internal sealed class TarOutput(Stream target)
{
    private static readonly byte[] End = new byte[2 * TarBlock.Length];

    /// <summary>Writes an entry and its content, which must have as many bytes as the entry says.</summary>
    public async Task WriteAsync(ArchiveEntry entry, Stream content, CancellationToken cancellationToken)
    {
        var extended = PaxHeader.Write(entry);
        await target.WriteAsync(TarBlock.Write(TarType.Extended, entry, extended.Length), cancellationToken);
        await target.WriteAsync(extended, cancellationToken);
        await PadAsync(extended.Length, cancellationToken);
        await target.WriteAsync(TarBlock.Write(TarType.Of(entry.Kind), entry, entry.Size), cancellationToken);
        await content.CopyToAsync(target, cancellationToken);
        await PadAsync(entry.Size, cancellationToken);
    }

    /// <summary>Writes the end of the archive.</summary>
    public ValueTask FinishAsync(CancellationToken cancellationToken) => target.WriteAsync(End, cancellationToken);

    private ValueTask PadAsync(long length, CancellationToken cancellationToken) =>
        target.WriteAsync(End.AsMemory(0, (int)(-length & (TarBlock.Length - 1))), cancellationToken);
}
