using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The last errors.</summary>
internal static class ErrorsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/errors", ListAsync)
            .Produces<PageOf<ErrorRow>>().ProducesProblem(StatusCodes.Status400BadRequest).WithSummary("The last 10,000 errors, newest first.");
        api.MapGet("/errors/kinds", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("error-kinds", await node.ErrorKindsAsync(cancellationToken), format)).Produces<ErrorKindRow[]>()
            .WithSummary("How many of the last 10,000 errors are of each kind.");
    }

    private static Task<IResult> ListAsync(
        string? kind, string? text, string? connection, [AsParameters] PagingQuery paging, string? format, INodeView node, CancellationToken cancellationToken)
    {
        var filter = new ErrorFilter { Kind = Given(kind), Text = Given(text), Connection = Given(connection) };
        return Listing.PagedAsync("errors", paging, format, page => node.ErrorsAsync(filter, page, cancellationToken));
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
