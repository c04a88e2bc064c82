using Microsoft.AspNetCore.Components.Endpoints;

namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>
/// Refuses to open pages while the program stops. SignalR ends the sockets of the pages when the stop begins, and browsers reconnect at
/// once. A page that was opened then would be cut off later, while it uses services that have already stopped.
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

    /// <summary>Whether the stop has cut the request off: then its failure is not an error of the server.</summary>
    public static bool IsCutOff(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested
        && context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;

    private static bool IsPage(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_blazor")
        || context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
}
