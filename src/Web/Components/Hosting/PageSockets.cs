namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Accepts the WebSockets of the console's pages.</summary>
internal static class PageSockets
{
    private const string Path = "/_blazor";

    /// <summary>
    /// Must come after authorization. Long polling and server-sent events, which the framework also offers, are refused: with a WebSocket,
    /// a page is one request as long as it is open, so that pages can be counted and ended.
    /// </summary>
    public static void UsePageSockets(this WebApplication app)
    {
        var pages = app.Services.GetRequiredService<OpenPages>();
        app.UseWebSockets(); // distinguishes WebSockets from other upgrades
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
                await context.Response.WriteAsync("The console's pages need a WebSocket connection.");
            }
        });
    }
}
