using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace NetworkProtocol.Backup.Files;

/// <summary>
/// Has SQLite stay in an open folder when it gets a path of <see cref="OpenFolder.PathTo"/>. By itself SQLite replaces each link in a path
/// by its target, also the one in /proc that stands for the folder, and opens the database and its companions by the path that results: who
/// can write to the folder above could put a link there meanwhile, and have root read another database.
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class SqliteCalls
{
    /// <summary>The beginning of a path through a descriptor of this process.</summary>
    public static ReadOnlySpan<byte> Descriptors => "/proc/self/fd/"u8;

    // struct sqlite3_vfs on 64-bit systems: https://www.sqlite.org/c3ref/vfs.html
    private const int SetCallOffset = 144;
    private const int GetCallOffset = 152;

    private static readonly Lock ChangeLock = new();
    private static delegate* unmanaged<byte*, int, int, int> _open;

    /// <summary>Replaces two of the system calls of SQLite. Only paths through a descriptor are opened in another way.</summary>
    public static void Replace()
    {
        lock (ChangeLock)
        {
            if (_open is not null)
            {
                return;
            }

            var files = FindFiles(0);
            var setCall = *(delegate* unmanaged<nint, byte*, nint, int>*)(files + SetCallOffset);
            var getCall = *(delegate* unmanaged<nint, byte*, nint>*)(files + GetCallOffset);
            fixed (byte* open = "open\0"u8, lookAtLink = "lstat\0"u8, look = "stat\0"u8)
            {
                _open = (delegate* unmanaged<byte*, int, int, int>)getCall(files, open);
                Check(setCall(files, lookAtLink, getCall(files, look))); // SQLite sees no links, and keeps the path as it is
                Check(setCall(files, open, (nint)(delegate* unmanaged<byte*, int, int, int>)&Open));
            }
        }
    }

    // Not blocking: if a pipe has got the name meanwhile, opening it would wait for a writer.
    [UnmanagedCallersOnly]
    private static int Open(byte* path, int flags, int mode)
    {
        var isInFolder = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path).StartsWith(Descriptors);
        return _open(path, isInFolder ? flags | Libc.NoFollow | Libc.NonBlocking : flags, mode);
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new IOException($"SQLite does not let its system calls be replaced: {result}");
        }
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial nint FindFiles(nint name);
}
