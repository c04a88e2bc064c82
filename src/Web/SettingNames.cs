namespace NetworkProtocol.Web;

/// <summary>
/// Names of settings as environment variables and as files of credentials: the key of the setting with <c>__</c> instead of each colon.
/// </summary>
internal static class SettingNames
{
    /// <summary>The parent of the sections of this program's settings.</summary>
    public const string Root = "NetworkProtocol";

    private static readonly string[] Roots = [Root, SerilogOptions.Section];

    /// <summary>Whether the name is the name of a setting of this program.</summary>
    public static bool IsSetting(string name) =>
        Array.Exists(Roots, root => name.StartsWith(root + "__", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Finds names that differ only in case: they are one setting, and it would be undefined which of their values is used.
    /// </summary>
    public static IEnumerable<string> FindDuplicates(IEnumerable<string> names, string source) => names
        .Where(IsSetting)
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Count() > 1)
        .Select(group => $"{group.Key.Replace("__", ":", StringComparison.Ordinal)}: is set twice, by {source} "
            + $"{string.Join(" and ", group.Order(StringComparer.Ordinal))}; remove one of them");
}
