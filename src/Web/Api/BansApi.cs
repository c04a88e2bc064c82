using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/bans</c>.</summary>
internal static class BansApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/bans", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("bans", await node.BansAsync(cancellationToken), format)).Produces<BanRow[]>()
            .WithSummary("The bans, the newest first.");
        api.MapPost("/bans", (BanRequest request, HttpContext context) => context.Actions().BanAsync(request).ToResultAsync())
            .Produces<Done>()
            .WithSummary("Bans an address, a network, a client's name or its certificate (SHA-256), and ends its connections.");
        api.MapDelete("/bans/{id}", (string id, HttpContext context) => context.Actions().UnbanAsync(id).ToResultAsync())
            .Produces<Done>().WithSummary("Lifts a ban.");
    }
}
