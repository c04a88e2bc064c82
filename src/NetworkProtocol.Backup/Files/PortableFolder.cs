using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup.Files;

/// <summary>A folder on macOS and Windows, where names are text.</summary>
internal sealed class PortableFolder(string path) : OpenFolder
{
    public override FileFacts Facts => Of(new DirectoryInfo(path));

    public override IReadOnlyList<string> Names() =>
        [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    public override FileFacts? Find(string name, bool follow)
    {
        FileSystemInfo entry = Directory.Exists(At(name)) ? new DirectoryInfo(At(name)) : new FileInfo(At(name));
        if (entry.LinkTarget is not null && !follow)
        {
            return Of(entry) with { Kind = FileKind.Link };
        }

        var real = entry.LinkTarget is null ? entry : entry.ResolveLinkTarget(returnFinalTarget: true)!;
        return real.Exists ? Of(real) : null;
    }

    public override string LinkTarget(string name) =>
        new FileInfo(At(name)).LinkTarget ?? throw new IOException($"{At(name)} is no link any more");

    public override OpenFolder Enter(string name, bool follow) => new PortableFolder(At(name));

    public override (Stream Content, FileFacts Facts)? OpenFile(string name, bool follow)
    {
        try
        {
            var options = new FileStreamOptions { Options = FileOptions.Asynchronous, Share = FileShare.ReadWrite | FileShare.Delete };
            return (new FileStream(At(name), options), Of(new FileInfo(At(name))));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public override string PathTo(string name) => At(name);

    public override Stream CreateFile(string name) => new FileStream(At(name), PrivateFiles.Options(FileMode.CreateNew));

    public override void CreateFolder(string name) => PrivateFiles.CreateFolder(At(name));

    public override void CreateLink(string name, string target) => File.CreateSymbolicLink(At(name), target);

    public override void Delete(string name, bool isFolder)
    {
        if (isFolder)
        {
            Directory.Delete(At(name));
        }
        else
        {
            File.Delete(At(name));
        }
    }

    public override void Describe(string name, ArchiveEntry entry)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(At(name), entry.Mode);
        }

        File.SetLastWriteTimeUtc(At(name), entry.Modified.UtcDateTime);
    }

    private static FileFacts Of(FileSystemInfo entry) => new(
        entry is DirectoryInfo ? FileKind.Folder : FileKind.File,
        OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : entry.UnixFileMode,
        entry.LastWriteTimeUtc,
        Owner: null,
        Identity: null);

    private string At(string name) => name.Length == 0 ? path : Path.Combine(path, name);
}
