using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/connections</c> and <c>/api/v1/closed</c>.</summary>
internal static class ConnectionsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/connections", ListOpenAsync).Produces<PageOf<ConnectionRow>>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Open connections.");
        api.MapGet("/closed", ListClosedAsync).Produces<PageOf<ClosedRow>>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("The last 10,000 closed connections, newest first.");
        api.MapGet("/connections/{node}/{id:long}", (string node, long id, INodeView view, CancellationToken cancellationToken) =>
            view.ConnectionAsync($"{node}/{id}", cancellationToken))
            .Produces<ConnectionDetail>().ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One open connection with all details.");
        api.MapDelete("/connections/{node}/{id:long}", (string node, long id, HttpContext context) =>
            context.Actions().DisconnectAsync($"{node}/{id}").ToResultAsync()).Produces<Done>().WithSummary("Ends a connection.");
        api.MapMethods("/connections/{id:long}", [HttpMethods.Get, HttpMethods.Delete], (long id, ServerState state) =>
            OutcomeResults.ToResult(Outcome.NotFound(ConnectionNotFound.WithoutNode(state.KeyOf(id))))).ExcludeFromDescription();
        api.MapPost("/connections/disconnect", (DisconnectRequest request, HttpContext context) =>
            context.Actions().DisconnectMatchingAsync(request).ToResultAsync())
            .Produces<Done>().WithSummary("Ends all open connections that match, at a rate; expected is the count that you have seen.");
        api.MapDelete("/connections/disconnect", (HttpContext context, CancellationToken cancellationToken) =>
            context.Actions().StopDisconnectingAsync(cancellationToken).ToResultAsync())
            .Produces<Done>()
            .WithSummary("Stops ending connections: the connections that the server has not told to disconnect yet stay open.");
    }

    private static Task<IResult> ListOpenAsync(
        [AsParameters] FilterQuery filter,
        [AsParameters] PagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken) =>
        ListResults.PagedAsync("connections", paging, format, page => node.ConnectionsAsync(filter.ToFilter(), page, cancellationToken));

    private static Task<IResult> ListClosedAsync(
        [AsParameters] FilterQuery filter,
        [AsParameters] PagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken) =>
        ListResults.PagedAsync("closed", paging, format, page => node.ClosedAsync(filter.ToFilter(), page, cancellationToken));
}
