using Microsoft.AspNetCore.Components.Endpoints;

namespace NetworkProtocol.Web.Components.Hosting;

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
            if (!stopping.IsCancellationRequested || !IsPage(context))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return context.Response.WriteAsync("The server is stopping.");
        });
    }

    /// <summary>Whether a request was cut off by the stop: its failure is no fault of the server.</summary>
    public static bool IsCutOff(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested
        && context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    private static bool IsPage(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_blazor") || context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
}
