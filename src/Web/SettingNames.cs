namespace NetworkProtocol.Web;

/// <summary>Names of environment variables and of files of credentials, which stand for the key of a setting: <c>__</c> for each colon.</summary>
internal static class SettingNames
{
    /// <summary>What holds the sections of this program's own settings.</summary>
    public const string Root = "NetworkProtocol";

    private static readonly string[] Roots = [Root, SerilogOptions.Section];

    /// <summary>Whether the name is that of a setting of this program.</summary>
    public static bool IsSetting(string name) => Array.Exists(Roots, root => name.StartsWith(root + "__", StringComparison.OrdinalIgnoreCase));

    /// <summary>Names that differ in case alone: they are one setting, and chance would say which of them counts.</summary>
    public static IEnumerable<string> FindTwice(IEnumerable<string> names, string source) => names
        .Where(IsSetting)
        .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Count() > 1)
        .Select(group => $"{group.Key.Replace("__", ":", StringComparison.Ordinal)}: is set twice, by {source} {string.Join(" and ", group.Order(StringComparer.Ordinal))}; remove one of them");
}
