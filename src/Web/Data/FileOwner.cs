using System.Runtime.InteropServices;

namespace NetworkProtocol.Web.Data;

/// <summary>Whose a file is, which .NET does not tell: statx(2) and geteuid(2).</summary>
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

    /// <summary>The user's number; null where it cannot be told. A folder may be reached by a link, a file may not.</summary>
    public static uint? Of(FileSystemInfo entry)
    {
        var buffer = new byte[Length];
        return OperatingSystem.IsLinux() && Statx(CurrentFolder, entry.FullName, entry is DirectoryInfo ? 0 : DoNotFollow, User, buffer) == 0
            ? BitConverter.ToUInt32(buffer, UserOffset)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] result);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
