using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Api;

/// <summary>
/// Maps <c>/api/v1</c>, which offers as JSON everything that the console shows and does; lists also as CSV with <c>format=csv</c>.
/// </summary>
internal static class AdminApi
{
    public const string Path = "/api/v1";

    public static void MapAdminApi(this WebApplication app)
    {
        var api = app.MapGroup(Path).AddEndpointFilter(RequireFormToken).AddEndpointFilter(OutcomeResults.HandleNodeExceptionAsync)
            .AddEndpointFilterFactory(QueryParameterFilter.Require).WithTags("Admin");
        NodeApi.Map(api);
        ConnectionsApi.Map(api);
        ErrorsApi.Map(api);
        BreakersApi.Map(api);
        BansApi.Map(api);
        CertificatesApi.Map(api);
        DrainApi.Map(api);
        TokensApi.Map(api);
        EdgeApi.Map(api);
        HubApi.Map(api);
        app.MapOpenApi("/openapi/{documentName}.json");
    }

    // The cookie alone is not enough for a change, because a form of another site would also send the cookie; such a form cannot send the
    // header. A request with an API token needs no header.
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
