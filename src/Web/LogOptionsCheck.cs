using NetworkProtocol.Settings;

namespace NetworkProtocol.Web;

/// <summary>
/// Checks <see cref="LogOptions"/> before the logger is created, because the logger does not report a file that it cannot write.
/// </summary>
internal static class LogOptionsCheck
{
    public static IEnumerable<string> Find(LogOptions options)
    {
        foreach (var problem in SettingsValues.Check(LogOptions.Section, options))
        {
            yield return problem;
        }

        if (options.File.Length > 0 && ProblemOf(options.File) is { } fault)
        {
            yield return $"{LogOptions.Section}:File = {options.File}: must be a file in a folder that the program can write, "
                + $"as /var/log/network-protocol/server-.json: {fault}";
        }
    }

    private static string? ProblemOf(string file)
    {
        try
        {
            var path = Path.GetFullPath(file);
            if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            {
                return "this path is a folder";
            }

            using var probe = new FileStream(Path.Combine(NearestOf(path), $".{Guid.NewGuid():n}"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
            });
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return e.Message;
        }
    }

    /// <summary>The nearest existing folder above the file: the logger creates missing folders.</summary>
    private static string NearestOf(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        while (!Path.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
