using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace NetworkProtocol.Backup.Files;

/// <summary>Reads the names in a folder by readdir(3).</summary>
internal static class FolderNames
{
    /// <summary>Where the name begins in struct dirent, on 64-bit Linux.</summary>
    private const int NameOffset = 19;

    /// <summary>The names in order; null, and the last error is set, if the folder cannot be read to its end.</summary>
    public static IReadOnlyList<string>? Read(SafeFileHandle folder)
    {
        var names = Libc.Duplicate(folder) is >= 0 and var copy ? Libc.OpenNames(copy) : 0;
        if (names == 0)
        {
            return null;
        }

        try
        {
            var all = new List<string>();
            nint entry;
            while ((entry = Libc.NextName(names)) != 0)
            {
                all.Add(NameOf(entry));
            }

            return Marshal.GetLastPInvokeError() == 0
                ? [.. all.Where(name => name is not ("." or "..")).Order(StringComparer.Ordinal)]
                : null;
        }
        finally
        {
            _ = Libc.CloseNames(names);
        }
    }

    private static unsafe string NameOf(nint entry) =>
        FileNames.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + NameOffset));
}
