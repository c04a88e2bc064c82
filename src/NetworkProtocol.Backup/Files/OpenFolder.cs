using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup.Files;

/// <summary>
/// A folder that is open: what is done by a name in it is done in this folder, even if another one takes its path meanwhile. Names are as
/// <see cref="FileNames"/> has them; .NET's own calls would replace what is not UTF-8.
/// </summary>
internal abstract class OpenFolder : IDisposable
{
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static OpenFolder Open(string path) =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess ? LinuxFolder.Open(path) : new PortableFolder(path);

    public abstract FileFacts Facts { get; }

    /// <summary>All that is in it, in the order of their bytes.</summary>
    public abstract IReadOnlyList<string> Names();

    /// <summary>What has this name; null if nothing has it any more, or if it is a link that is followed and leads nowhere.</summary>
    /// <param name="name">The name.</param>
    /// <param name="follow">Whether to look at what a link leads to.</param>
    public abstract FileFacts? Find(string name, bool follow);

    public abstract string LinkTarget(string name);

    /// <summary>Opens a folder in it.</summary>
    public abstract OpenFolder Enter(string name, bool follow);

    /// <summary>Opens a file in it to read; null if there is none of this name any more.</summary>
    /// <exception cref="IOException">It cannot be opened, or is no file any more.</exception>
    public abstract (Stream Content, FileFacts Facts)? OpenFile(string name, bool follow);

    /// <summary>Makes a file that nobody else can read.</summary>
    public abstract Stream CreateFile(string name);

    /// <summary>Makes a folder that nobody else can read.</summary>
    public abstract void CreateFolder(string name);

    public abstract void CreateLink(string name, string target);

    public abstract void Delete(string name, bool isFolder);

    /// <summary>Gives a file or folder the entry's mode, time and, if we are root, owner.</summary>
    public abstract void Describe(string name, ArchiveEntry entry);

    /// <summary>Deletes all that is in it.</summary>
    public void Empty()
    {
        foreach (var name in Names())
        {
            var isFolder = Find(name, follow: false)?.Kind == FileKind.Folder;
            if (isFolder)
            {
                using var folder = Enter(name, follow: false);
                folder.Empty();
            }

            Delete(name, isFolder);
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
