using Microsoft.AspNetCore.Diagnostics;
using NetworkProtocol.Web.Components.Hosting;

namespace NetworkProtocol.Web.Api;

/// <summary>Answers a request that failed with an exception: with a problem document, and without the details of a server error.</summary>
internal static class UnhandledErrors
{
    public static void UseUnhandledErrors(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        ExceptionHandler = AnswerAsync,
        StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        SuppressDiagnosticsCallback = context =>
            context.Exception is BadHttpRequestException // an error of the client does not belong in the log
            || StoppingPages.IsCutOff(context.HttpContext),
    });

    private static Task AnswerAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var text = error is BadHttpRequestException bad
            ? BadRequestText.Of(bad)
            : "The server failed. See the server's log for the reason.";
        return Results.Problem(text, statusCode: context.Response.StatusCode).ExecuteAsync(context);
    }
}
