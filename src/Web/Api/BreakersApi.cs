using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Circuit breakers.</summary>
internal static class BreakersApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/breakers", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("breakers", await node.BreakersAsync(cancellationToken), format)).Produces<BreakerRow[]>()
            .WithSummary("The circuit breakers.");
        api.MapPost("/breakers/{name}/isolate", (string name, HttpContext context) => context.Actions().IsolateAsync(WithSlashes(name)).AnswerAsync())
            .Produces<Done>().WithSummary("Opens a breaker until it is reset: no call is made.");
        api.MapPost("/breakers/{name}/reset", (string name, HttpContext context) => context.Actions().ResetAsync(WithSlashes(name)).AnswerAsync())
            .Produces<Done>().WithSummary("Closes a breaker: calls are made again.");
    }

    // Routing leaves an escaped slash as it is, and the name of a breaker of a Unix socket has slashes.
    private static string WithSlashes(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
