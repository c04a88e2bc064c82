using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Access;

/// <summary>What every answer says to browsers, and which requests of theirs are turned away before anything looks at them.</summary>
internal static class SecurityHeaders
{
    // MudBlazor sets style attributes, so styles may be inline; scripts may not.
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

    public static void RefuseForeignPages(this WebApplication app) => app.Use((context, next) => IsForeign(context.Request)
        ? Results.Problem("This request comes from another site's page.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context)
        : next(context));

    /// <summary>
    /// Whether another site's page sends it, and it could change something: a form, a script, or the socket of a page of ours. Cookies are
    /// SameSite, and forms have tokens; but another port of this host is the same site, and sockets have no token.
    /// </summary>
    private static bool IsForeign(HttpRequest request)
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

        // Over plain HTTP browsers say no more than this; and because pages of ours have no referrer, their forms come from "null".
        // Those have tokens, which tell.
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !(origin == "null" && !socket)
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
                && uri.Scheme == request.Scheme);
    }
}
