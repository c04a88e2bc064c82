using System.Runtime.InteropServices;

namespace Integration.Tests.Operations;

/// <summary>
/// A ConfigMap or Secret as the kubelet mounts it. Each file is a link into <c>..data</c>, which is a link to a folder that one update
/// replaces as a whole.
/// </summary>
internal sealed partial class MountedFolder : IDisposable
{
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mounted-");
    private int _version;

    public MountedFolder(params (string Name, string Text)[] files)
    {
        File.SetUnixFileMode(Path, Folder);
        Update(files);
        foreach (var (name, _) in files)
        {
            File.CreateSymbolicLink(System.IO.Path.Combine(Path, name), System.IO.Path.Combine("..data", name));
        }
    }

    public string Path => _folder.FullName;

    public void Update(params (string Name, string Text)[] files)
    {
        var version = Directory.CreateDirectory(System.IO.Path.Combine(Path, $"..version-{++_version}"), Folder);
        foreach (var (name, text) in files)
        {
            File.WriteAllText(System.IO.Path.Combine(version.FullName, name), text);
        }

        var next = System.IO.Path.Combine(Path, "..data_tmp");
        File.CreateSymbolicLink(next, version.Name);
        Assert.Equal(0, Rename(next, System.IO.Path.Combine(Path, "..data")));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // File.Move does not replace a link to a folder.
    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);
}
