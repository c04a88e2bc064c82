using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Tokens for this API.</summary>
internal static class TokensApi
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tokens", async (string? format, INodeView node, CancellationToken cancellationToken) =>
            Listing.Whole("tokens", await node.TokensAsync(cancellationToken), format)).Produces<TokenRow[]>()
            .WithSummary("The tokens of this API, without their secrets.");
        api.MapPost("/tokens", (TokenRequest request, HttpContext context) => context.Actions().CreateTokenAsync(request).AnswerAsync())
            .Produces<Done>().WithSummary("Creates a token for this API. Only this answer contains the secret.");
        api.MapDelete("/tokens/{name}", (string name, HttpContext context) => context.Actions().RevokeTokenAsync(name).AnswerAsync())
            .Produces<Done>().WithSummary("Revokes a token.");
    }
}
