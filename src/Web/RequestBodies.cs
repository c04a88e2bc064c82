using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Api;

namespace NetworkProtocol.Web;

/// <summary>Which request bodies the HTTP port reads. Type and size are judged before the first byte is read, for a stranger and for an operator alike.</summary>
internal static class RequestBodies
{
    /// <summary>The largest body, in bytes: a request at the API, or a message of a console page.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The largest form, in bytes: a name, a password and the form's token.</summary>
    public const int MaxFormBytes = 8 * 1024;

    /// <summary>The slowest body, in bytes a second: the largest one has come after 8 s.</summary>
    private const int MinBytesPerSecond = 8 * 1024;

    /// <summary>How long a body may be slower than that at its beginning.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>From the first byte of a request until its headers have come.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void LimitBodies(this KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxBytes;
        limits.MaxRequestBufferSize = MaxBytes;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Grace);
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.Http2.InitialConnectionWindowSize = 2 * MaxBytes; // what one connection may send before anything reads it
        limits.Http2.InitialStreamWindowSize = MaxBytes;
    }

    /// <summary>Comes before all that could read a body: authentication reads forms, too.</summary>
    public static void UseBodyLimits(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || IsPage(context.Request))
        {
            return next(context);
        }

        var isApi = context.Request.Path.StartsWithSegments(AdminApi.Path);
        var limit = isApi ? MaxBytes : MaxFormBytes;
        if (isApi ? !context.Request.HasJsonContentType() : !IsSimpleForm(context.Request))
        {
            return RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, $"The body must be {(isApi ? "application/json" : "application/x-www-form-urlencoded")}.");
        }

        if (context.Request.ContentLength > limit)
        {
            return RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body must have at most {limit} bytes.");
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limit; // for one that does not say its size
        return next(context);
    });

    // The connection ends with the answer: the server does not go on to read what it has refused.
    private static Task RefuseAsync(HttpContext context, int status, string problem)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        return Results.Problem(problem, statusCode: status).ExecuteAsync(context);
    }

    /// <summary>The console's pages talk over a socket, and say goodbye with a small form of several parts; <see cref="MaxBytes"/> holds for both.</summary>
    private static bool IsPage(HttpRequest request) => request.Path.StartsWithSegments("/_blazor");

    /// <summary>No form of several parts: the framework writes its parts into files.</summary>
    private static bool IsSimpleForm(HttpRequest request) =>
        request.HasFormContentType && !request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
}
