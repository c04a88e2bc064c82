using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>The operations of <c>/api/v1/tokens</c>.</summary>
internal static class TokensApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tokens", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            ListResults.Whole("tokens", await node.TokensAsync(cancellationToken), format)).Produces<TokenRow[]>()
            .WithSummary("The tokens of this API, without their secrets.");
        api.MapPost("/tokens", (TokenRequest request, HttpContext context) => context.Actions().CreateTokenAsync(request).ToResultAsync())
            .Produces<Done>().WithSummary("Creates a token for this API. Only this response contains the secret.");
        api.MapDelete("/tokens/{name}", (string name, HttpContext context) =>
            context.Actions().RevokeTokenAsync(RouteText.WithSlashes(name)).ToResultAsync())
            .Produces<Done>().WithSummary("Revokes a token.");
    }
}
