using System.Globalization;

namespace NetworkProtocol.Backup;

/// <summary>
/// Tells Prometheus of the last good backup, by way of node_exporter's textfile collector: a backup that fails, or that nothing starts any
/// more, is one that grows old.
/// </summary>
internal static class BackupMetrics
{
    /// <summary>The ending without which node_exporter reads nothing.</summary>
    public const string Ending = ".prom";

    private const string Unfinished = ".partial";
    private const UnixFileMode ReadableForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <exception cref="IOException">The file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not let us.</exception>
    public static async Task WriteAsync(string path, DateTimeOffset finished, long size, CancellationToken cancellationToken)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            # HELP netproto_backup_last_success_timestamp_seconds When a backup was last made, verified and uploaded.
            # TYPE netproto_backup_last_success_timestamp_seconds gauge
            netproto_backup_last_success_timestamp_seconds {finished.ToUnixTimeSeconds()}
            # HELP netproto_backup_last_success_size_bytes How large it is.
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
