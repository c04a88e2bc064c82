using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Api;

namespace NetworkProtocol.Web;

/// <summary>
/// Limits the type, size and speed of request bodies on the HTTP port. Type and size are checked before the first byte is read, for every
/// client.
/// </summary>
internal static class RequestBodies
{
    /// <summary>The limit of a request body of the API, and of a message of a console page, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The limit of a form, in bytes: the largest form has a name, a password and a token.</summary>
    public const int MaxFormBytes = 8 * 1024;

    /// <summary>The lowest rate of a body, in bytes a second: at this rate the largest body takes 8 s.</summary>
    private const int MinBytesPerSecond = 8 * 1024;

    /// <summary>How long a body may be slower than <see cref="MinBytesPerSecond"/> at its beginning.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The timeout for the headers, from the first byte of a request.</summary>
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void LimitBodies(this KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = MaxBytes;
        limits.MaxRequestBufferSize = MaxBytes;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Grace);
        limits.RequestHeadersTimeout = HeadersTimeout;
        limits.Http2.InitialConnectionWindowSize = 2 * MaxBytes; // the bytes that one connection may send before the server reads them
        limits.Http2.InitialStreamWindowSize = MaxBytes;
    }

    /// <summary>Must come before all middleware that reads a body; authentication also reads forms.</summary>
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
            var type = isApi ? "application/json" : "application/x-www-form-urlencoded";
            return RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, $"The body must be {type}.");
        }

        if (context.Request.ContentLength > limit)
        {
            return RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"The body must have at most {limit} bytes.");
        }

        // The limit of a body without Content-Length.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limit;
        return next(context);
    });

    // The server closes the connection after the response, so that it does not read the refused body.
    private static Task RefuseAsync(HttpContext context, int status, string problem)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Connection = "close";
        }

        return Results.Problem(problem, statusCode: status).ExecuteAsync(context);
    }

    /// <summary>
    /// Whether the request belongs to a console page: a page uses a socket, and reports its end with a small multipart form.
    /// <see cref="MaxBytes"/> limits both.
    /// </summary>
    private static bool IsPage(HttpRequest request) => request.Path.StartsWithSegments("/_blazor");

    /// <summary>Whether the body is a form that is not multipart: the framework writes the parts of a multipart form to files.</summary>
    private static bool IsSimpleForm(HttpRequest request) =>
        request.HasFormContentType && !request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
}
