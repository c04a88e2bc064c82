using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>Writes folders into a tar archive, and after them their manifest.</summary>
/// <param name="tar">The archive.</param>
/// <param name="databases">Copies databases that are in use.</param>
/// <param name="leftOut">Gets a text about each entry of a folder that is not saved.</param>
internal sealed class ArchiveWriter(TarOutput tar, DatabaseCopies databases, Action<string> leftOut)
{
    private readonly ArchiveBounds _bounds = new();
    private readonly Dictionary<string, ManifestFile> _files = [];
    private readonly Dictionary<string, string> _links = [];

    /// <summary>Writes them.</summary>
    /// <exception cref="BackupException">There is more than a backup may hold.</exception>
    /// <exception cref="IOException">A file could not be read.</exception>
    public async Task<Manifest> WriteAsync(IReadOnlyList<SourceFolder> sources, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            await WriteAsync(source, cancellationToken);
        }

        var manifest = new Manifest(
            Manifest.CurrentFormat,
            now,
            Environment.MachineName,
            typeof(ArchiveWriter).Assembly.GetName().Version!.ToString(3),
            sources.ToDictionary(source => source.Name, source => source.Path),
            _files,
            _links);
        using var json = new MemoryStream(manifest.ToJson());
        if (json.Length > ArchiveBounds.MaxManifestBytes)
        {
            throw new BackupException(
                $"the list of {_files.Count + _links.Count} files and links has {json.Length} bytes; "
                    + $"a backup may have {ArchiveBounds.MaxManifestBytes}");
        }

        var entry = new ArchiveEntry(FileKind.File, Manifest.Name) { Size = json.Length, Modified = now };
        await tar.WriteAsync(entry, json, cancellationToken);
        await tar.FinishAsync(cancellationToken);
        return manifest;
    }

    private async Task WriteAsync(SourceFolder source, CancellationToken cancellationToken)
    {
        await foreach (var item in source.ItemsAsync(databases, leftOut, cancellationToken))
        {
            await using var content = new HashingStream(item.Content ?? Stream.Null, FileNames.Show(item.Place));
            await WriteAsync(item, content, cancellationToken);
        }
    }

    private async Task WriteAsync(SourceItem item, HashingStream content, CancellationToken cancellationToken)
    {
        try
        {
            _bounds.Add(item.Entry);
        }
        catch (InvalidDataException e)
        {
            throw new BackupException($"{FileNames.Show(item.Place)} cannot be saved: {e.Message}", e);
        }

        await tar.WriteAsync(item.Entry, content, cancellationToken);
        if (item.Entry.Kind == FileKind.File)
        {
            _files.Add(item.Entry.Name, content.Summary);
        }
        else if (item.Entry.Kind == FileKind.Link)
        {
            _links.Add(item.Entry.Name, item.Entry.LinkTarget);
        }
    }
}
