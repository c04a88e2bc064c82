using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetworkProtocol.Backup.Files;

/// <summary>Linux' system calls for files, and their constants. Names are bytes that end with a NUL.</summary>
internal static partial class Libc
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int RemoveFolder = 0x200;

    public const int NoSuchFile = 2;
    public const int NotAFolder = 20;
    public const int LinksInCircle = 40;

    /// <summary>AT_FDCWD, which is no descriptor that could be closed.</summary>
    public static readonly SafeFileHandle CurrentFolder = new(-100, ownsHandle: false);

    /// <summary>O_NOFOLLOW, which has another value on ARM and POWER.</summary>
    public static readonly int NoFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le ? 0x8000 : 0x20000;

    /// <summary>A name as the calls take it.</summary>
    public static byte[] Name(string name) => [.. FileNames.Encode(name), 0];

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial SafeFileHandle OpenAt(SafeFileHandle folder, byte[] name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeFileHandle folder, byte[] name, [Out] byte[] target, nint length);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeFolderAt(SafeFileHandle folder, byte[] name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int LinkAt(byte[] target, SafeFileHandle folder, byte[] name);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeFileHandle folder, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, int user, int group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(SafeFileHandle folder, byte[] name, int flags, uint mask, [Out] byte[] result);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    public static partial int Duplicate(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    public static partial nint OpenNames(int handle);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    public static partial nint NextName(nint names);

    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseNames(nint names);
}
