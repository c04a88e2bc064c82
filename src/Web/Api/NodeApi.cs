using Microsoft.AspNetCore.Antiforgery;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Api;

/// <summary>The node itself: numbers, charts, settings, health, and what operators did.</summary>
internal static class NodeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/status", (INodeView node, CancellationToken cancellationToken) => node.StatusAsync(cancellationToken))
            .WithSummary("The server in numbers.");
        api.MapGet("/series", (string? range, INodeView node, CancellationToken cancellationToken) => node.SeriesAsync(RangeOf(range), cancellationToken))
            .WithSummary("The charts' points: range=15m by second, or 24h by ten seconds.");
        api.MapGet("/configuration", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("configuration", await node.ConfigurationAsync(cancellationToken), format)).Produces<SettingRow[]>()
            .WithSummary("The settings in effect; secrets are hidden.");
        api.MapGet("/health", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("health", await node.HealthAsync(cancellationToken), format)).Produces<CheckRow[]>()
            .WithSummary("The health checks, the worst first.");
        api.MapGet("/audit", ([AsParameters] PagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.PagedAsync("audit", paging, format, page => node.AuditAsync(page, cancellationToken)))
            .Produces<PageOf<AuditEntry>>().WithSummary("Who did what, newest first.");
        api.MapGet("/antiforgery", (HttpContext context, IAntiforgery antiforgery) =>
            new FormToken(AccessExtensions.AntiforgeryHeader, antiforgery.GetAndStoreTokens(context).RequestToken!))
            .WithSummary("The token that a change needs when it comes with the console's cookie.");
    }

    private static SeriesRange RangeOf(string? range) => range switch
    {
        null or "15m" => SeriesRange.Minutes15,
        "24h" => SeriesRange.Hours24,
        _ => throw new NodeException(OutcomeKind.Invalid, $"range = {range}: must be 15m or 24h."),
    };
}

/// <summary>A token against forged requests.</summary>
internal sealed record FormToken(
    [property: Field("The header that carries the token.", AccessExtensions.AntiforgeryHeader)] string Header,
    [property: Field("The token, which is good for this sign-in alone.", "CfDJ8…")] string Token);
