using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Sends the security headers with every response, and refuses requests from pages of other sites before any other middleware sees them.
/// </summary>
internal static class SecurityHeaders
{
    // Inline styles are allowed, because MudBlazor sets style attributes; inline scripts are not.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'self'";

    public static void UseSecurityHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        return next(context);
    });

    public static void RefuseCrossSiteRequests(this WebApplication app) => app.Use((context, next) => IsCrossSite(context.Request)
        ? Results.Problem("This request comes from a page of another site.", statusCode: StatusCodes.Status403Forbidden)
            .ExecuteAsync(context)
        : next(context));

    /// <summary>
    /// Whether a page of another site sends the request, and the request could change something: by a form, by a script or by the socket of
    /// a console page. SameSite cookies and form tokens are not enough: another port of this host is the same site, and sockets have no
    /// token.
    /// </summary>
    private static bool IsCrossSite(HttpRequest request)
    {
        var socket = request.Path.StartsWithSegments("/_blazor");
        var changes = !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method));
        if (!changes && !socket)
        {
            return false;
        }

        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
        {
            return site is not ("same-origin" or "none");
        }

        // Over plain HTTP browsers send only Origin. The console's pages send no referrer, so their forms have the origin "null". The
        // form's token then proves that the form comes from the console.
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !(origin == "null" && !socket)
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
                && uri.Scheme == request.Scheme);
    }
}
