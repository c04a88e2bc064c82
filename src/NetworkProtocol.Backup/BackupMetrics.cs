using System.Globalization;

namespace NetworkProtocol.Backup;

/// <summary>
/// Tells Prometheus of the last good backup, through node_exporter's textfile collector. The age of that backup shows both faults: backups
/// that fail, and backups that nothing starts any more.
/// </summary>
internal static class BackupMetrics
{
    /// <summary>The ending of the files that node_exporter reads.</summary>
    public const string Ending = ".prom";

    private const string Unfinished = ".partial";
    private const UnixFileMode ReadableForAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the file in one step, so that node_exporter never reads half of it.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static async Task WriteAsync(string path, DateTimeOffset finished, long size, CancellationToken cancellationToken)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            # HELP netproto_backup_last_success_timestamp_seconds When a backup was last made, verified and uploaded.
            # TYPE netproto_backup_last_success_timestamp_seconds gauge
            netproto_backup_last_success_timestamp_seconds {finished.ToUnixTimeSeconds()}
            # HELP netproto_backup_last_success_size_bytes Size of that backup.
            # TYPE netproto_backup_last_success_size_bytes gauge
            netproto_backup_last_success_size_bytes {size}

            """);
        File.Delete(path + Unfinished);
        await using (var file = new FileStream(path + Unfinished, PrivateFiles.Options(FileMode.CreateNew)))
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, ReadableForAll); // whatever the umask
            }

            await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), cancellationToken);
        }

        File.Move(path + Unfinished, path, overwrite: true);
    }
}
