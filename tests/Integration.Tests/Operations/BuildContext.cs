using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>What <c>.dockerignore</c> lets through to the builder.</summary>
internal static class BuildContext
{
    private static readonly (Regex Pattern, bool IsKept)[] Rules =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, ".dockerignore"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (ToRegex(line.TrimStart('!')), line[0] == '!')),
    ];

    /// <summary>The files, by their path in the repository.</summary>
    public static IEnumerable<string> Files() => Directory.EnumerateFiles(Repository.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Where(IsKept);

    // The last rule that names a file, or a folder that it is in, decides.
    private static bool IsKept(string file) => Rules.LastOrDefault(rule => rule.Pattern.IsMatch(file)) is (Pattern: null, _) or (_, IsKept: true);

    private static Regex ToRegex(string pattern) => new("^" + Regex.Escape(pattern)
        .Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal)
        .Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "(/.*)?$");
}
