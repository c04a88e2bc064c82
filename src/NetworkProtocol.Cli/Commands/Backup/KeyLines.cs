namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Files of keys: one a line, and lines that begin with # say something about them.</summary>
internal static class KeyLines
{
    private const int LongestFile = 64 * 1024;

    public static async Task<string[]> ReadAsync(string option, string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > LongestFile)
        {
            throw new BackupUsageException($"{option} {path}: {(file.Exists ? $"is longer than {LongestFile} bytes" : "there is no such file")}");
        }

        return [.. (await File.ReadAllLinesAsync(path, cancellationToken)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
    }
}
