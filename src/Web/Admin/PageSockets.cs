using Microsoft.AspNetCore.Http.Features;

namespace NetworkProtocol.Web.Admin;

/// <summary>Where the sockets of the console's pages come in.</summary>
internal static class PageSockets
{
    private const string Path = "/_blazor";

    /// <summary>
    /// Comes after authorization. Long polling, which the framework offers beside sockets, is refused: a page is one request for as long as
    /// it is open, so that it can be counted and ended.
    /// </summary>
    public static void UsePageSockets(this WebApplication app)
    {
        var pages = app.Services.GetRequiredService<OpenPages>();
        app.Use(async (context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments(Path, out var rest) || (rest.HasValue && rest != "/"))
            {
                await next(context);
            }
            else if (IsSocket(context))
            {
                await pages.ServeAsync(context, next);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await context.Response.WriteAsync("The console's pages need a WebSocket.");
            }
        });
    }

    private static bool IsSocket(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
        || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true;
}
