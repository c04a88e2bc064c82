using System.IO.Compression;
using System.Security.Cryptography;
using NetworkProtocol.Backup.Age;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>Reads a backup from its first byte to its last.</summary>
/// <param name="path">The backup.</param>
/// <param name="file">The same file, open, so that the file that was checked is the file that is restored.</param>
/// <param name="identity">The key that decrypts it.</param>
internal sealed class ArchiveReader(string path, Stream file, IIdentity identity)
{
    private const int BufferLength = 64 * 1024;

    private readonly Dictionary<string, ManifestFile> _files = [];
    private ArchivePaths _paths = new();
    private ArchiveBounds _bounds = new();
    private string _at = "its first file";
    private Manifest? _manifest;

    /// <summary>Reads the whole archive, and compares it with the manifest.</summary>
    /// <param name="onEntry">Gets each entry but the manifest, and gives the stream for the entry's data, or null to drop the data.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">The backup is damaged, or was made for another key.</exception>
    public async Task<Manifest> ReadAsync(Func<ArchiveEntry, Stream?>? onEntry, CancellationToken cancellationToken)
    {
        _files.Clear();
        (_paths, _bounds) = (new ArchivePaths(), new ArchiveBounds());
        _manifest = null;
        file.Position = 0;
        try
        {
            await using var plain = await DecryptingStream.OpenAsync(file, identity, cancellationToken)
                ?? throw new BackupException(identity is Passphrase
                    ? $"the passphrase is wrong: {path} was made with another one"
                    : $"{path} is not for this key: it was made for another one, or its header is damaged");
            await using var unpacked = new GZipStream(plain, CompressionMode.Decompress);
            var tar = new TarInput(unpacked);
            while (await tar.NextAsync(cancellationToken) is { } entry)
            {
                _at = FileNames.Show(entry.Name);
                await ReadAsync(tar, entry, onEntry, cancellationToken);
            }

            await DrainAsync(plain, cancellationToken);
            _paths.CheckLinks();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new BackupException($"{path} is damaged, at {_at}: {e.Message}", e);
        }

        var manifest = _manifest ?? throw new BackupException($"{path} is damaged: {Manifest.Name} is missing");
        return Different(manifest) is not { } name
            ? manifest
            : throw new BackupException($"{path} is damaged: {FileNames.Show(name)} is not what {Manifest.Name} says");
    }

    // The exceptions that GZipStream, number parsers and the JSON reader throw for invalid data.
    private static bool IsDamage(Exception e) => e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException
        or NotSupportedException or OverflowException or InvalidOperationException;

    private async Task ReadAsync(
        TarInput tar, ArchiveEntry entry, Func<ArchiveEntry, Stream?>? onEntry, CancellationToken cancellationToken)
    {
        if (_manifest is not null)
        {
            throw new InvalidDataException($"there is something behind {Manifest.Name}");
        }

        if (entry.Name == Manifest.Name)
        {
            _manifest = await ReadManifestAsync(tar, entry, cancellationToken);
            return;
        }

        _bounds.Add(entry);
        _paths.Add(entry);
        await using var target = onEntry?.Invoke(entry);
        if (entry.Kind == FileKind.File)
        {
            _files.Add(entry.Name, await CopyAsync(tar, target ?? Stream.Null, cancellationToken));
        }
    }

    private static async Task<Manifest> ReadManifestAsync(TarInput tar, ArchiveEntry entry, CancellationToken cancellationToken)
    {
        var json = entry.Size <= ArchiveBounds.MaxManifestBytes
            ? new byte[entry.Size]
            : throw new InvalidDataException($"{Manifest.Name} has {entry.Size} bytes; the most is {ArchiveBounds.MaxManifestBytes}");
        for (var at = 0; at < json.Length;)
        {
            at += await tar.ReadAsync(json.AsMemory(at), cancellationToken);
        }

        return Manifest.Parse(json);
    }

    private static async Task<ManifestFile> CopyAsync(TarInput tar, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size) = (new byte[BufferLength], 0L);
        while (await tar.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            size += read;
        }

        return new ManifestFile(size, Convert.ToHexString(hash.GetCurrentHash()));
    }

    // Reads up to the last chunk, whose mark proves that nothing was cut off.
    private static async Task DrainAsync(DecryptingStream plain, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferLength];
        while (await plain.ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }

    /// <summary>The first path that is only in the archive or only in the manifest, or that differs between the two.</summary>
    private string? Different(Manifest manifest) =>
        _paths.Names.FirstOrDefault(name => !manifest.Sources.ContainsKey(name.Split('/')[0]))
        ?? manifest.Files.Keys.Union(_files.Keys)
            .FirstOrDefault(name => manifest.Files.GetValueOrDefault(name) != _files.GetValueOrDefault(name))
        ?? manifest.Links.Keys.Union(_paths.Links.Keys)
            .FirstOrDefault(name => manifest.Links.GetValueOrDefault(name) != _paths.Links.GetValueOrDefault(name));
}
