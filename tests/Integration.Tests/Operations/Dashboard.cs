using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>The dashboard that operators get.</summary>
internal static class Dashboard
{
    public static JsonElement Root { get; } =
        JsonDocument.Parse(File.ReadAllBytes(Repository.Deploy("grafana/dashboards/network-protocol.json"))).RootElement;

    public static IReadOnlyList<JsonElement> Panels { get; } = [.. Root.GetProperty("panels").EnumerateArray()];

    /// <summary>Title and query of each curve, with all nodes selected.</summary>
    public static IEnumerable<(string Title, string Query)> Queries =>
        from panel in Panels
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        select (panel.GetProperty("title").GetString()!, Chosen(target.GetProperty("expr").GetString()!));

    public static string Chosen(string query) => query
        .Replace("$instance", ".*", StringComparison.Ordinal).Replace("$__rate_interval", "1m", StringComparison.Ordinal);
}
