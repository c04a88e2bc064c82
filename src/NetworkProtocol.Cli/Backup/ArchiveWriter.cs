using System.Formats.Tar;

namespace NetworkProtocol.Cli.Backup;

/// <summary>Writes folders into a tar archive, and their manifest behind them.</summary>
/// <param name="tar">The archive.</param>
/// <param name="leftOut">Told of what holds nothing that could be saved.</param>
internal sealed class ArchiveWriter(TarWriter tar, Action<string> leftOut)
{
    private readonly SortedDictionary<string, ManifestFile> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);

    public async Task<Manifest> WriteAsync(IReadOnlyList<SourceFolder> sources, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var item in sources.SelectMany(source => source.Items(leftOut)))
        {
            await WriteAsync(item, cancellationToken);
        }

        var folders = new SortedDictionary<string, string>(sources.ToDictionary(source => source.Name, source => source.Path), StringComparer.Ordinal);
        var version = typeof(ArchiveWriter).Assembly.GetName().Version!.ToString(3);
        var manifest = new Manifest(Manifest.CurrentFormat, now, Environment.MachineName, version, folders, _files, _links);
        using var json = new MemoryStream(manifest.ToJson());
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, Manifest.Name) { DataStream = json, ModificationTime = now }, cancellationToken);
        return manifest;
    }

    private async Task WriteAsync(SourceItem item, CancellationToken cancellationToken)
    {
        if (item.LinkTarget is { } target)
        {
            _links.Add(item.Path, target);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, item.Path) { LinkName = target }, cancellationToken);
        }
        else if (item.Entry is DirectoryInfo)
        {
            await tar.WriteEntryAsync(Describe(new PaxTarEntry(TarEntryType.Directory, item.Path), item.Entry), cancellationToken);
        }
        else
        {
            await WriteFileAsync(item, cancellationToken);
        }
    }

    private async Task WriteFileAsync(SourceItem item, CancellationToken cancellationToken)
    {
        if (Open(item) is not { } opened)
        {
            leftOut($"{item.Entry.FullName} is gone");
            return;
        }

        var (content, entry) = opened;
        await using var _ = content;
        entry.DataStream = content;
        await tar.WriteEntryAsync(entry, cancellationToken);
        _files.Add(item.Path, content.Summary);
    }

    // A file that was exchanged meanwhile, as the server's are, is read as it was when it was opened.
    private static (HashingStream Content, PaxTarEntry Entry)? Open(SourceItem item)
    {
        try
        {
            var entry = Describe(new PaxTarEntry(TarEntryType.RegularFile, item.Path), item.Entry);
            var options = new FileStreamOptions { Options = FileOptions.Asynchronous, Share = FileShare.ReadWrite | FileShare.Delete };
            return (new HashingStream(new FileStream(item.Entry.FullName, options)), entry);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static PaxTarEntry Describe(PaxTarEntry entry, FileSystemInfo source)
    {
        var path = (source.LinkTarget is null ? source : source.ResolveLinkTarget(returnFinalTarget: true)!).FullName;
        entry.ModificationTime = File.GetLastWriteTimeUtc(path);
        if (!OperatingSystem.IsWindows())
        {
            entry.Mode = File.GetUnixFileMode(path);
        }

        if (Owner.Of(path) is { } owner)
        {
            (entry.Uid, entry.Gid, entry.UserName, entry.GroupName) = (owner.UserId, owner.GroupId, owner.User, owner.Group);
        }

        return entry;
    }
}
