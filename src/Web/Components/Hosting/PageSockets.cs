namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Where the sockets of the console's pages come in.</summary>
internal static class PageSockets
{
    private const string Path = "/_blazor";

    /// <summary>
    /// Comes after authorization. Long polling and server-sent events, which the framework offers beside sockets, are refused: a page is one request for as long as
    /// it is open, so that it can be counted and ended.
    /// </summary>
    public static void UsePageSockets(this WebApplication app)
    {
        var pages = app.Services.GetRequiredService<OpenPages>();
        app.UseWebSockets(); // tells sockets from what else could be upgraded
        app.Use(async (context, next) =>
        {
            if (!context.Request.Path.StartsWithSegments(Path, out var rest) || (rest.HasValue && rest != "/"))
            {
                await next(context);
            }
            else if (context.WebSockets.IsWebSocketRequest)
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
}
