namespace Integration.Tests.Operations;

/// <summary>
/// The files of <c>deploy/firewall</c> after an operator's edits: the test's addresses in place of documentation addresses.
/// </summary>
internal static class FirewallRules
{
    public static string Edited(string name) => File.ReadAllText(Repository.Deploy($"firewall/{name}"))
        .Replace("192.0.2.", "10.77.2.", StringComparison.Ordinal)
        .Replace("198.51.100.", "10.78.0.", StringComparison.Ordinal)
        .Replace("203.0.113.", "10.79.0.", StringComparison.Ordinal)
        .Replace("2001:db8:", "fd77:0:", StringComparison.Ordinal);

    /// <summary>Writes the files into a folder and returns their paths.</summary>
    public static string[] EditedFiles(string folder, params string[] names) => [.. names.Select(name =>
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, Edited(name));
        return path;
    })];
}
