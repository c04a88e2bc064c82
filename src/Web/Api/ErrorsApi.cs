using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/errors</c>.</summary>
internal static class ErrorsApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/errors", ListAsync)
            .Produces<PageOf<ErrorRow>>().ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("The last 10,000 errors, newest first.");
        api.MapGet("/errors/kinds", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("error-kinds", await node.ErrorKindsAsync(cancellationToken), format)).Produces<ErrorKindRow[]>()
            .WithSummary("The number of errors of each kind among the last 10,000 errors.");
    }

    private static Task<IResult> ListAsync(
        string? kind,
        string? text,
        string? connection,
        [AsParameters] PagingQuery paging,
        string? format,
        INodeView node,
        CancellationToken cancellationToken)
    {
        var filter = new ErrorFilter { Kind = NullIfBlank(kind), Text = NullIfBlank(text), Connection = NullIfBlank(connection) };
        return ListResults.PagedAsync("errors", paging, format, page => node.ErrorsAsync(filter, page, cancellationToken));
    }

    private static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
