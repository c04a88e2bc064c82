using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/drain</c>.</summary>
internal static class DrainApi
{
    private const string Summary = "Drains the server: it reports not ready, refuses new connections, disconnects clients at the given "
        + "rate, and ends the remaining connections at the deadline.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/drain", (INodeView node, CancellationToken cancellationToken) => node.DrainAsync(cancellationToken))
            .WithSummary("The progress of the drain.");
        api.MapPost("/drain", (DrainRequest request, HttpContext context) => context.Actions().DrainAsync(request).ToResultAsync())
            .Produces<Done>().WithSummary(Summary);
        api.MapDelete("/drain", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().UndoDrainAsync(cancellationToken).ToResultAsync())
            .Produces<Done>().WithSummary("Undoes the drain: the server accepts connections again.");
    }
}
