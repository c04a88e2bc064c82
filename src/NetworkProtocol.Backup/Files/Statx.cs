using Microsoft.Win32.SafeHandles;

namespace NetworkProtocol.Backup.Files;

/// <summary>Reads attributes by statx(2), whose struct is the same on every architecture.</summary>
internal static class Statx
{
    private const int Length = 256;
    private const int UserOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const int NumberOffset = 32;
    private const int SecondsOffset = 112;
    private const int NanosecondsOffset = 120;
    private const int DeviceOffset = 136;

    // Some file systems have times that .NET cannot represent.
    private static readonly long Earliest = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1;

    private const int EmptyName = 0x1000;
    private const int NoFollow = 0x100;
    private const uint BasicFacts = 0x7ff;

    private const int KindMask = 0xf000;
    private const int Folder = 0x4000;
    private const int Regular = 0x8000;
    private const int Link = 0xa000;

    /// <summary>The attributes of an open file; null if they cannot be read, and the last error is set.</summary>
    public static FileFacts? Of(SafeFileHandle file) => Of(file, "", EmptyName);

    /// <summary>The attributes of an entry of a folder; null if they cannot be read, and the last error is set.</summary>
    public static FileFacts? Of(SafeFileHandle folder, string name, bool follow) => Of(folder, name, follow ? 0 : NoFollow);

    private static FileFacts? Of(SafeFileHandle folder, string name, int flags)
    {
        var result = new byte[Length];
        return Libc.Statx(folder, Libc.Name(name), flags, BasicFacts, result) == 0 ? Read(result) : null;
    }

    private static FileFacts Read(byte[] facts)
    {
        var mode = BitConverter.ToUInt16(facts, ModeOffset);
        var time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(BitConverter.ToInt64(facts, SecondsOffset), Earliest, Latest))
            .AddTicks(BitConverter.ToUInt32(facts, NanosecondsOffset) / TimeSpan.NanosecondsPerTick);
        var kind = (mode & KindMask) switch
        {
            Regular => FileKind.File,
            Folder => FileKind.Folder,
            Link => FileKind.Link,
            _ => FileKind.Other,
        };
        return new FileFacts(
            kind,
            (UnixFileMode)(mode & 0xfff),
            time,
            Owner.Of(BitConverter.ToInt32(facts, UserOffset), BitConverter.ToInt32(facts, GroupOffset)),
            (BitConverter.ToUInt64(facts, DeviceOffset), BitConverter.ToUInt64(facts, NumberOffset)));
    }
}
