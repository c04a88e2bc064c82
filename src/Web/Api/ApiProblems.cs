using Microsoft.AspNetCore.Diagnostics;
using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Api;

/// <summary>Makes every response of the API uncacheable, and gives every error a problem document that explains it (RFC 9457).</summary>
internal static class ApiProblems
{
    public static void UseApiProblems(this WebApplication app) => app.UseWhen(context => IsApi(context.Request.Path), api =>
    {
        api.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.CacheControl = "no-store";
                return Task.CompletedTask;
            });
            return next(context);
        });
        api.UseStatusCodePages(Explain);
    });

    public static bool IsApi(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi");

    private static Task Explain(StatusCodeContext context)
    {
        var (request, response) = (context.HttpContext.Request, context.HttpContext.Response);
        var text = response.StatusCode switch
        {
            StatusCodes.Status401Unauthorized when request.Headers.Authorization.Count > 0 =>
                "The token is unknown, revoked or expired. An operator can create a new token on the console's Tokens page.",
            StatusCodes.Status401Unauthorized =>
                "The request has no token. Send Authorization: Bearer and a token from the console's Tokens page.",
            StatusCodes.Status404NotFound => $"There is no {PlainText.Of(request.Path)}. /openapi/v1.json lists all paths.",
            StatusCodes.Status405MethodNotAllowed =>
                $"This path does not support {PlainText.Of(request.Method)}. Supported: {response.Headers.Allow}.",
            _ => null,
        };
        return Results.Problem(text, statusCode: response.StatusCode).ExecuteAsync(context.HttpContext);
    }
}
