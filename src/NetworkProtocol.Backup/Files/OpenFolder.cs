using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup.Files;

/// <summary>
/// An open folder. Each call works in this folder, even if another folder gets its path meanwhile. Names are texts of <see
/// cref="FileNames"/>, because .NET's own calls replace bytes that are not UTF-8.
/// </summary>
internal abstract class OpenFolder : IDisposable
{
    /// <summary>Opens a folder.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static OpenFolder Open(string path) =>
        OperatingSystem.IsLinux() && Environment.Is64BitProcess ? LinuxFolder.Open(path) : new PortableFolder(path);

    /// <summary>The attributes of the folder itself.</summary>
    public abstract FileFacts Facts { get; }

    /// <summary>The names in it, in the order of their bytes.</summary>
    public abstract IReadOnlyList<string> Names();

    /// <summary>
    /// The attributes of an entry; null if it does not exist any more, or if it is a link that is followed and leads nowhere.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="follow">Whether the attributes of a link's target are wanted.</param>
    public abstract FileFacts? Find(string name, bool follow);

    /// <summary>The target of a link in it.</summary>
    public abstract string LinkTarget(string name);

    /// <summary>Opens a folder in it.</summary>
    public abstract OpenFolder Enter(string name, bool follow);

    /// <summary>Opens a file in it to read; null if the file does not exist any more.</summary>
    /// <exception cref="IOException">The file cannot be opened, or is not a file any more.</exception>
    public abstract (Stream Content, FileFacts Facts)? OpenFile(string name, bool follow);

    /// <summary>The path for SQLite of a database in it, as long as the folder is open. A link with that name is not followed.</summary>
    public abstract string PathTo(string name);

    /// <summary>Creates a file that other users cannot read.</summary>
    public abstract Stream CreateFile(string name);

    /// <summary>Creates a folder that other users cannot read.</summary>
    public abstract void CreateFolder(string name);

    /// <summary>Creates a symbolic link.</summary>
    public abstract void CreateLink(string name, string target);

    /// <summary>Deletes a file, a link or an empty folder.</summary>
    public abstract void Delete(string name, bool isFolder);

    /// <summary>Sets mode, time and, if we are root, owner of a file or folder.</summary>
    public abstract void Describe(string name, ArchiveEntry entry);

    /// <summary>Deletes everything in it.</summary>
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
