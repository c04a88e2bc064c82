using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>A time that the chart of a series can show, with the resolution that has enough points for it and not too many.</summary>
/// <param name="Key">Its name in the page's address.</param>
/// <param name="Title">Its name on the page.</param>
/// <param name="Length">The time.</param>
/// <param name="Resolution">The resolution of its rollups.</param>
internal sealed record ChartSpan(string Key, string Title, TimeSpan Length, HubResolution Resolution)
{
    /// <summary>All of them, the shortest first.</summary>
    public static IReadOnlyList<ChartSpan> All { get; } =
    [
        new("1h", "1 h", TimeSpan.FromHours(1), HubResolution.Minute),
        new("1d", "1 day", TimeSpan.FromDays(1), HubResolution.Minute),
        new("30d", "30 days", TimeSpan.FromDays(30), HubResolution.Hour),
        new("1y", "1 year", TimeSpan.FromDays(365), HubResolution.Day),
    ];

    /// <summary>The resolution as the API's parameter.</summary>
    public string ApiResolution => Resolution switch
    {
        HubResolution.Minute => "minute",
        HubResolution.Hour => "hour",
        _ => "day",
    };

    /// <summary>The one with this key; the shortest if there is none.</summary>
    public static ChartSpan Of(string? key) => All.FirstOrDefault(span => span.Key == key) ?? All[0];
}
