namespace NetworkProtocol.Backup;

/// <summary>The free space of a disk.</summary>
internal static class FreeSpace
{
    /// <summary>The bytes that can be written below a folder, which need not exist yet.</summary>
    public static long Of(string folder)
    {
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } above)
        {
            existing = above;
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }
}
