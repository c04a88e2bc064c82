namespace NetworkProtocol.Backup;

/// <summary>How much can still be written.</summary>
internal static class FreeSpace
{
    /// <summary>Bytes below a folder, which need not be there yet.</summary>
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
