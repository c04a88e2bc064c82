using System.Runtime.InteropServices;

namespace NetworkProtocol.Web.Data;

/// <summary>Reads the owner of a file by statx(2), and the program's user by geteuid(2): .NET offers neither.</summary>
internal static partial class FileOwner
{
    public const uint Root = 0;

    private const int CurrentFolder = -100;
    private const int DoNotFollow = 0x100;
    private const uint User = 0x8;

    // struct statx, the same on every architecture.
    private const int Length = 256;
    private const int UserOffset = 20;

    /// <summary>The user that the program runs as.</summary>
    public static uint Current => GetEffectiveUser();

    /// <summary>The owner's user id; null if it cannot be read. A link to a folder is followed, a link to a file is not.</summary>
    public static uint? Of(FileSystemInfo entry)
    {
        var buffer = new byte[Length];
        var flags = entry is DirectoryInfo ? 0 : DoNotFollow;
        return OperatingSystem.IsLinux() && Statx(CurrentFolder, entry.FullName, flags, User, buffer) == 0
            ? BitConverter.ToUInt32(buffer, UserOffset)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
