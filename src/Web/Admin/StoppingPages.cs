namespace NetworkProtocol.Web.Admin;

/// <summary>
/// Opens no page while the program stops. SignalR ends the pages' sockets when the stop begins; a browser reconnects at once, and a page
/// that it opens then would be cut off later, while it still asks for services that are gone.
/// </summary>
internal static class StoppingPages
{
    public static void RefusePagesWhileStopping(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        app.Use((context, next) =>
        {
            if (!stopping.IsCancellationRequested || !context.Request.Path.StartsWithSegments("/_blazor"))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
    }
}
