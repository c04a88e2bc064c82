using Microsoft.AspNetCore.Diagnostics;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Components.Pages;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>
/// Shows the console's page "Page not found" to a browser that requests a path that does not exist. A program gets only the status, or a
/// problem document from the API.
/// </summary>
internal static class NotFoundPages
{
    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute(NotFoundPage.Path, createScopeForStatusCodePages: true);
        app.Use(async (context, next) =>
        {
            var statusPages = context.Features.Get<IStatusCodePagesFeature>()!;
            await next(context);
            statusPages.Enabled &= context.Response.StatusCode == StatusCodes.Status404NotFound && IsPageRequest(context.Request);
        });
    }

    private static bool IsPageRequest(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && Browsers.AcceptHtml(request) && !ApiProblems.IsApi(request.Path);
}
