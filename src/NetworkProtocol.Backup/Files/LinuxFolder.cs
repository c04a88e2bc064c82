using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup.Files;

/// <summary>A folder on Linux, through the system calls that take names as bytes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class LinuxFolder : OpenFolder
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private LinuxFolder(SafeFileHandle handle, string path) => (_handle, _path) = (handle, path);

    public static new LinuxFolder Open(string path)
    {
        var handle = Libc.OpenAt(Libc.CurrentFolder, Libc.Name(path), Libc.ReadOnly | Libc.CloseOnExec, 0);
        return new(handle.IsInvalid ? throw Error(path) : handle, path);
    }

    public override FileFacts Facts => Statx.Of(_handle) ?? throw Error(_path);

    public override IReadOnlyList<string> Names()
    {
        // A handle of its own, because reading the names closes the handle that it is given.
        using var copy = Libc.OpenAt(_handle, Libc.Name("."), Libc.ReadOnly | Libc.CloseOnExec, 0);
        return copy.IsInvalid ? throw Error(_path) : FolderNames.Read(copy) ?? throw Error(_path);
    }

    public override FileFacts? Find(string name, bool follow) =>
        Statx.Of(_handle, name, follow) is { } facts ? facts : NothingIfGone<FileFacts>(name);

    public override string LinkTarget(string name)
    {
        var target = new byte[ArchiveBounds.MaxLinkBytes + 1];
        var length = Libc.ReadLinkAt(_handle, Libc.Name(name), target, target.Length);
        return length >= 0 ? FileNames.Decode(target.AsSpan(0, (int)length)) : throw Error(At(name));
    }

    public override OpenFolder Enter(string name, bool follow) =>
        new LinuxFolder(OpenToRead(name, follow) ?? throw Error(At(name)), At(name));

    public override (Stream Content, FileFacts Facts)? OpenFile(string name, bool follow)
    {
        if (OpenToRead(name, follow) is not { } handle)
        {
            return Marshal.GetLastPInvokeError() == Libc.NoSuchFile ? null : throw Error(At(name));
        }

        if (Statx.Of(handle) is { Kind: FileKind.File } facts)
        {
            return (new FileStream(handle, FileAccess.Read), facts);
        }

        handle.Dispose();
        throw new IOException($"{FileNames.Show(At(name))} is no longer a file: it was replaced during the backup. Start the backup again");
    }

    public override string PathTo(string name)
    {
        SqliteCalls.Replace();
        return $"{Encoding.UTF8.GetString(SqliteCalls.Descriptors)}{_handle.DangerousGetHandle()}/{name}";
    }

    public override Stream CreateFile(string name)
    {
        const int Flags = Libc.WriteOnly | Libc.Create | Libc.Exclusive | Libc.CloseOnExec;
        var handle = Libc.OpenAt(_handle, Libc.Name(name), Flags, (uint)PrivateFile);
        return new FileStream(Good(handle, name), FileAccess.Write);
    }

    public override void CreateFolder(string name) => Check(Libc.MakeFolderAt(_handle, Libc.Name(name), (uint)PrivateFolder), name);

    public override void CreateLink(string name, string target) => Check(Libc.LinkAt(Libc.Name(target), _handle, Libc.Name(name)), name);

    public override void Delete(string name, bool isFolder) =>
        Check(Libc.UnlinkAt(_handle, Libc.Name(name), isFolder ? Libc.RemoveFolder : 0), name);

    public override void Describe(string name, ArchiveEntry entry)
    {
        using var handle = OpenToRead(name.Length == 0 ? "." : name, follow: false) ?? throw Error(At(name));
        if (Environment.IsPrivilegedProcess && entry.Owner is { Here: var (user, group) })
        {
            Check(Libc.ChangeOwner(handle, user, group), name);
        }

        File.SetUnixFileMode(handle, entry.Mode);
        File.SetLastWriteTimeUtc(handle, entry.Modified.UtcDateTime);
    }

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    // Not blocking: if a pipe has got the name meanwhile, opening it would wait for a writer.
    private SafeFileHandle? OpenToRead(string name, bool follow)
    {
        var flags = Libc.ReadOnly | Libc.CloseOnExec | Libc.NonBlocking | (follow ? 0 : Libc.NoFollow);
        var handle = Libc.OpenAt(_handle, Libc.Name(name), flags, 0);
        return handle.IsInvalid ? null : handle;
    }

    private T? NothingIfGone<T>(string name)
        where T : class =>
        Marshal.GetLastPInvokeError() is Libc.NoSuchFile or Libc.LinksInCircle or Libc.NotAFolder ? null : throw Error(At(name));

    private SafeFileHandle Good(SafeFileHandle handle, string name) => handle.IsInvalid ? throw Error(At(name)) : handle;

    private void Check(int result, string name)
    {
        if (result < 0)
        {
            throw Error(At(name));
        }
    }

    private static IOException Error(string path) => new($"{FileNames.Show(path)}: {Marshal.GetLastPInvokeErrorMessage()}");

    private string At(string name) => $"{_path}/{name}";
}
