using YamlDotNet.RepresentationModel;

namespace Integration.Tests.Operations;

/// <summary>The rules that operators get, and promtool's cases for them.</summary>
internal static class AlertRules
{
    private const string Folder = "prometheus";

    public static IReadOnlyList<YamlNode> All { get; } =
        [.. Files("rules").SelectMany(file => Items(Read(file)["groups"])).SelectMany(group => Items(group["rules"]))];

    public static IReadOnlyList<YamlNode> Alerts { get; } = [.. All.Where(rule => Has(rule, "alert"))];

    public static IEnumerable<string> Expressions => All.Select(rule => rule["expr"].ToString());

    /// <summary>Each checked moment of a case: the alert, and whether it fires.</summary>
    public static IEnumerable<(string Alert, bool Fires)> Cases => Files("tests")
        .SelectMany(file => Items(Read(file)["tests"]))
        .SelectMany(test => Items(test["alert_rule_test"]))
        .Select(moment => (moment["alertname"].ToString(), Items(moment["exp_alerts"]).Any()));

    public static string[] Files(string folder) => Directory.GetFiles(Repository.Deploy($"{Folder}/{folder}"), "*.yml");

    private static bool Has(YamlNode node, string key) => ((YamlMappingNode)node).Children.ContainsKey(key);

    private static IEnumerable<YamlNode> Items(YamlNode node) => (YamlSequenceNode)node;

    private static YamlNode Read(string path)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(path);
        yaml.Load(reader);
        return yaml.Documents[0].RootNode;
    }
}
