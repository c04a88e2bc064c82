using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/edge</c>: the buffer and the uplink of an edge.</summary>
internal static class EdgeApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/edge", (INodeView node, CancellationToken cancellationToken) => node.EdgeAsync(cancellationToken))
            .WithSummary("What the edge holds, and how its hub takes it.");
        api.MapPost("/edge/flush", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().FlushEdgeAsync(cancellationToken).ToResultAsync())
            .Produces<Done>()
            .WithSummary("Sends what is in the buffer now, without waits and without the limit for a backlog.");
        api.MapPost("/edge/pause", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().PauseEdgeAsync(cancellationToken).ToResultAsync())
            .Produces<Done>()
            .WithSummary("Pauses the uplink until it is resumed or the server restarts; the edge goes on taking messages.");
        api.MapPost("/edge/resume", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().ResumeEdgeAsync(cancellationToken).ToResultAsync())
            .Produces<Done>().WithSummary("Resumes the uplink.");
        api.MapPost("/edge/discard", (EdgeDiscardRequest request, HttpContext context) =>
            context.Actions().DiscardEdgeAsync(request).ToResultAsync())
            .Produces<Done>().WithSummary("Discards messages of the buffer and tells the hub of the loss.");
    }
}
