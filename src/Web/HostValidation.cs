using NetworkProtocol.Admin;

namespace NetworkProtocol.Web;

/// <summary>
/// What follows makes URLs of a request's Host, and fails where it is none. Kestrel lets through what only looks like one, and HTTP/1.0,
/// which load balancers probe with, needs none.
/// </summary>
internal static class UsableHosts
{
    public static void UseUsableHosts(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (request.Headers.Host.ToString().Length == 0)
        {
            request.Host = new HostString("localhost", context.Connection.LocalPort);
        }

        return IsUsable(request)
            ? next(context)
            : Results.Problem("The host that this request names is none.", statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
    });

    private static bool IsUsable(HttpRequest request)
    {
        try
        {
            return Uri.TryCreate($"{request.Scheme}://{request.Host.ToUriComponent()}/", UriKind.Absolute, out _);
        }
        catch (ArgumentException)
        {
            return false; // the framework decodes an international name whenever the host is asked for
        }
    }
}
