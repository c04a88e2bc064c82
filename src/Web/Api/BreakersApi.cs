using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/breakers</c>.</summary>
internal static class BreakersApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/breakers", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("breakers", await node.BreakersAsync(cancellationToken), format)).Produces<BreakerRow[]>()
            .WithSummary("The circuit breakers.");
        api.MapPost("/breakers/{name}/isolate", (string name, HttpContext context) =>
            context.Actions().IsolateAsync(RouteText.WithSlashes(name)).ToResultAsync())
            .Produces<Done>().WithSummary("Opens a breaker until it is reset: the server makes no call through it.");
        api.MapPost("/breakers/{name}/reset", (string name, HttpContext context) =>
            context.Actions().ResetAsync(RouteText.WithSlashes(name)).ToResultAsync())
            .Produces<Done>().WithSummary("Closes a breaker: the server makes calls through it again.");
    }
}
