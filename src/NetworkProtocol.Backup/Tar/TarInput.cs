namespace NetworkProtocol.Backup.Tar;

/// <summary>
/// Reads a tar archive, which anybody can have made. .NET's TarReader is not used, because it loses the bytes of names that are not UTF-8,
/// and allocates as much memory for an extended header as the archive says.
/// </summary>
internal sealed class TarInput(Stream source)
{
    private readonly byte[] _block = new byte[TarBlock.Length];
    private long _left;
    private long _padding;

    /// <summary>The next entry; null at the end.</summary>
    /// <exception cref="InvalidDataException">The entry is damaged, or of a kind that no backup has.</exception>
    /// <exception cref="EndOfStreamException">The archive is cut off.</exception>
    public async Task<ArchiveEntry?> NextAsync(CancellationToken cancellationToken)
    {
        await SkipAsync(cancellationToken);
        var extended = Array.Empty<byte>();
        for (; ; )
        {
            await source.ReadExactlyAsync(_block, cancellationToken);
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                return extended.Length == 0 ? null : throw new InvalidDataException("an extended header belongs to no entry");
            }

            var (type, entry) = TarBlock.Read(_block);
            if (type != TarType.Extended)
            {
                return Begin(type, PaxHeader.Apply(extended, entry));
            }

            extended = extended.Length == 0
                ? await ReadExtendedAsync(entry.Size, cancellationToken)
                : throw new InvalidDataException("an entry has two extended headers");
        }
    }

    /// <summary>The next bytes of the entry's content; 0 at its end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(buffer.Length, _left);
        var read = wanted == 0 ? 0 : await source.ReadAsync(buffer[..wanted], cancellationToken);
        _left -= read > 0 || wanted == 0 ? read : throw new EndOfStreamException("it is cut off");
        return read;
    }

    private ArchiveEntry Begin(char type, ArchiveEntry entry)
    {
        var name = entry.Name.TrimEnd('/');
        entry = entry with { Kind = TarType.Kind(type, name), Name = name };
        (_left, _padding) = (entry.Size, -entry.Size & (TarBlock.Length - 1));
        return entry;
    }

    private async Task<byte[]> ReadExtendedAsync(long length, CancellationToken cancellationToken)
    {
        (_left, _padding) = (length, -length & (TarBlock.Length - 1));
        var extended = length <= ArchiveBounds.MaxExtendedHeaderBytes
            ? new byte[length]
            : throw new InvalidDataException(
                $"an entry has an extended header of {length} bytes; the most is {ArchiveBounds.MaxExtendedHeaderBytes}");
        for (var at = 0; _left > 0;)
        {
            at += await ReadAsync(extended.AsMemory(at), cancellationToken);
        }

        await SkipAsync(cancellationToken);
        return extended;
    }

    private async Task SkipAsync(CancellationToken cancellationToken)
    {
        _left += _padding;
        _padding = 0;
        while (_left > 0)
        {
            await ReadAsync(_block, cancellationToken);
        }
    }
}
