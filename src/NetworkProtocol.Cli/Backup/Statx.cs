using System.Runtime.InteropServices;

namespace NetworkProtocol.Cli.Backup;

/// <summary>What Linux knows of a file and .NET does not tell: its owner, and whether it is a file at all. statx(2).</summary>
/// <param name="UserId">The user's number.</param>
/// <param name="GroupId">The group's number.</param>
/// <param name="IsFile">False for sockets, pipes, devices and folders.</param>
internal sealed partial record Statx(int UserId, int GroupId, bool IsFile)
{
    private const int CurrentFolder = -100;
    private const uint TypeUserAndGroup = 0x1 | 0x8 | 0x10;

    // struct statx, the same on every architecture.
    private const int Length = 256;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;

    /// <summary>Of the file that a path leads to; null where it cannot be told.</summary>
    public static Statx? Of(string path)
    {
        var buffer = new byte[Length];
        return OperatingSystem.IsLinux() && Call(CurrentFolder, path, 0, TypeUserAndGroup, buffer) == 0
            ? new Statx(
                BitConverter.ToInt32(buffer, UserOffset), BitConverter.ToInt32(buffer, GroupOffset),
                (BitConverter.ToUInt16(buffer, ModeOffset) & TypeMask) == Regular)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Call(int folder, string path, int flags, uint mask, [Out] byte[] result);
}
