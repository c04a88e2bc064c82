using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>Grafana's requirements for a dashboard, except its queries, which MonitoringTests check.</summary>
public sealed class DashboardTests
{
    private const int Columns = 24;

    [Fact]
    public void Each_panel_has_a_number_a_title_and_says_what_it_shows()
    {
        Assert.Equal(Dashboard.Panels.Count, Dashboard.Panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(Dashboard.Panels, panel => Assert.NotEmpty(panel.GetProperty("title").GetString()!));
        Assert.All(Charts, panel => Assert.NotEmpty(panel.GetProperty("description").GetString()!));
    }

    [Fact]
    public void No_panel_covers_another()
    {
        var taken = new HashSet<(int X, int Y)>();
        foreach (var panel in Dashboard.Panels)
        {
            var place = panel.GetProperty("gridPos");
            var (x, y, width, height) = (Of(place, "x"), Of(place, "y"), Of(place, "w"), Of(place, "h"));
            Assert.InRange(x + width, 1, Columns);
            Assert.All(
                from column in Enumerable.Range(x, width) from line in Enumerable.Range(y, height) select (column, line),
                cell => Assert.True(taken.Add(cell), $"{panel.GetProperty("title")} covers another panel."));
        }
    }

    [Fact]
    public void Each_query_goes_to_the_source_that_was_chosen() => Assert.All(
        Charts.Concat(Charts.SelectMany(panel => panel.GetProperty("targets").EnumerateArray())),
        asks => Assert.Equal("${datasource}", asks.GetProperty("datasource").GetProperty("uid").GetString()));

    private static IEnumerable<JsonElement> Charts => Dashboard.Panels.Where(panel => panel.GetProperty("type").GetString() != "row");

    private static int Of(JsonElement place, string name) => place.GetProperty(name).GetInt32();
}
