using Microsoft.AspNetCore.Antiforgery;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations about the node itself: status, charts, settings, health and audit log.</summary>
internal static class NodeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/status", (INodeView node, CancellationToken cancellationToken) => node.StatusAsync(cancellationToken))
            .WithSummary("The server's state and its counters.");
        api.MapGet("/series", (string? range, INodeView node, CancellationToken cancellationToken) =>
            node.SeriesAsync(RangeOf(range), cancellationToken))
            .WithSummary("The points of the charts: one for each second with range=15m, one for each ten seconds with range=24h.");
        api.MapGet("/configuration", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("configuration", await node.ConfigurationAsync(cancellationToken), format)).Produces<SettingRow[]>()
            .WithSummary("The settings in effect; secrets are hidden.");
        api.MapGet("/health", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("health", await node.HealthAsync(cancellationToken), format)).Produces<CheckRow[]>()
            .WithSummary("The health checks, the worst first.");
        api.MapGet("/audit", ([AsParameters] PagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.PagedAsync("audit", paging, format, page => node.AuditAsync(page, cancellationToken)))
            .Produces<PageOf<AuditEntry>>().WithSummary("The last entries of the audit log, newest first.");
        api.MapGet("/antiforgery", (HttpContext context, IAntiforgery antiforgery) =>
            new FormToken(AccessExtensions.AntiforgeryHeader, antiforgery.GetAndStoreTokens(context).RequestToken!))
            .WithSummary("The antiforgery token, which a change needs that is authenticated by the console's cookie.");
    }

    private static SeriesRange RangeOf(string? range) => range switch
    {
        null or "15m" => SeriesRange.Minutes15,
        "24h" => SeriesRange.Hours24,
        _ => throw new NodeException(OutcomeKind.Invalid, $"range = {range}: must be 15m or 24h."),
    };
}
