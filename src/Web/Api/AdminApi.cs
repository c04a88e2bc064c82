using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary><c>/api/v1</c>: what the console shows and does, as JSON; lists also as CSV with <c>format=csv</c>.</summary>
internal static class AdminApi
{
    public const string Path = "/api/v1";

    public static void MapAdminApi(this WebApplication app)
    {
        var api = app.MapGroup(Path).AddEndpointFilter(RequireFormToken).AddEndpointFilter(Answers.ExplainAsync)
            .AddEndpointFilterFactory(KnownQuery.Require).WithTags("Admin");
        NodeApi.Map(api);
        ConnectionsApi.Map(api);
        ErrorsApi.Map(api);
        BreakersApi.Map(api);
        BansApi.Map(api);
        CertificatesApi.Map(api);
        DrainApi.Map(api);
        TokensApi.Map(api);
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    // Another site's form cannot have the header; a token's bearer has shown who it is already.
    private static async ValueTask<object?> RequireFormToken(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var changes = !HttpMethods.IsGet(context.Request.Method);
        if (changes && context.User.Identity?.AuthenticationType == CookieAuthenticationDefaults.AuthenticationScheme
            && !await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context))
        {
            return Results.Problem(
                $"A change needs the header {AccessExtensions.AntiforgeryHeader} with a token from {Path}/antiforgery.",
                statusCode: StatusCodes.Status400BadRequest);
        }

        return await next(invocation);
    }
}
