namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Files of keys: one key a line; lines that begin with # are comments.</summary>
internal static class KeyLines
{
    private const int LongestFile = 64 * 1024;

    /// <summary>The lines with keys.</summary>
    /// <exception cref="BackupUsageException">There is no such file, or it is too long.</exception>
    public static async Task<string[]> ReadAsync(string option, string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > LongestFile)
        {
            var problem = file.Exists ? $"is longer than {LongestFile} bytes" : "there is no such file";
            throw new BackupUsageException($"{option} {path}: {problem}");
        }

        var lines = await File.ReadAllLinesAsync(path, cancellationToken);
        return [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
    }
}
