using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The files that <c>.dockerignore</c> lets through to the builder.</summary>
internal static class BuildContext
{
    private static readonly (Regex Pattern, bool IsKept)[] Rules =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, ".dockerignore"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (ToRegex(line.TrimStart('!')), line[0] == '!')),
    ];

    /// <summary>The files, as paths in the repository.</summary>
    public static IEnumerable<string> Files()
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.EnumerateFiles(Repository.Root, "*", options)
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .Where(IsKept);
    }

    // The last rule that matches a file, or a folder that contains it, decides.
    private static bool IsKept(string file) =>
        Rules.LastOrDefault(rule => rule.Pattern.IsMatch(file)) is (Pattern: null, _) or (_, IsKept: true);

    private static Regex ToRegex(string pattern) => new("^" + Regex.Escape(pattern)
        .Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
        .Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "(/.*)?$");
}
