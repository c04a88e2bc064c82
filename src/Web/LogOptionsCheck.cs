using System.Text.RegularExpressions;

namespace NetworkProtocol.Web;

/// <summary>Checks <see cref="LogOptions"/>, before the log begins: the logger itself says nothing of a file that it cannot write.</summary>
internal static partial class LogOptionsCheck
{
    private const int MostFiles = 10_000;
    private const long LeastBytes = 1024 * 1024;
    private const long MostBytes = 10L * 1024 * 1024 * 1024;

    public static IEnumerable<string> Find(LogOptions options)
    {
        if (options.RetainedFiles is < 1 or > MostFiles)
        {
            yield return $"{LogOptions.Section}:RetainedFiles = {options.RetainedFiles}: must be 1 to {MostFiles}";
        }

        if (options.MaxFileBytes is < LeastBytes or > MostBytes)
        {
            yield return $"{LogOptions.Section}:MaxFileBytes = {options.MaxFileBytes}: must be {LeastBytes} to {MostBytes}";
        }

        if (!Mode().IsMatch(options.FileMode))
        {
            yield return $"{LogOptions.Section}:FileMode = {options.FileMode}: must be 0600, 0640 or 0644";
        }

        if (options.File.Length > 0 && ProblemOf(options.File) is { } problem)
        {
            yield return $"{LogOptions.Section}:File = {options.File}: must be a file in a folder that the program can write, as /var/log/network-protocol/server-.json: {problem}";
        }
    }

    [GeneratedRegex("^06(00|40|44)$")]
    private static partial Regex Mode();

    private static string? ProblemOf(string file)
    {
        try
        {
            var path = Path.GetFullPath(file);
            if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
            {
                return "it is a folder";
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

    /// <summary>The folder of the file, or the one above it that is there: the logger makes what is missing.</summary>
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
