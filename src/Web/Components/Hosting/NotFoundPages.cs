using Microsoft.AspNetCore.Diagnostics;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Components.Pages;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Shows a page of the console where a browser asks for one that does not exist. Programs get the status alone, or a problem document at the API.</summary>
internal static class NotFoundPages
{
    public static void UseNotFoundPage(this WebApplication app)
    {
        app.UseStatusCodePagesWithReExecute(NotFoundPage.Path, createScopeForStatusCodePages: true);
        app.Use(async (context, next) =>
        {
            var statusPages = context.Features.Get<IStatusCodePagesFeature>()!;
            await next(context);
            statusPages.Enabled &= context.Response.StatusCode == StatusCodes.Status404NotFound && WantsPage(context.Request);
        });
    }

    private static bool WantsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && Browsers.Ask(request) && !ApiProblems.IsApi(request.Path);
}
