using NetworkProtocol.Admin;

namespace NetworkProtocol.Web;

/// <summary>
/// Refuses a request whose Host is not valid, because later middleware builds URLs from the Host and would fail. Kestrel accepts some
/// invalid hosts. A request without a Host gets one: load balancers probe with HTTP/1.0, which needs no Host.
/// </summary>
internal static class HostValidation
{
    public static void UseHostValidation(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (request.Headers.Host.ToString().Length == 0)
        {
            request.Host = new HostString("localhost", context.Connection.LocalPort);
        }

        return IsUsable(request)
            ? next(context)
            : Results.Problem("The Host header of this request is not a valid host.", statusCode: StatusCodes.Status400BadRequest)
                .ExecuteAsync(context);
    });

    private static bool IsUsable(HttpRequest request)
    {
        try
        {
            return Uri.TryCreate($"{request.Scheme}://{request.Host.ToUriComponent()}/", UriKind.Absolute, out _);
        }
        catch (ArgumentException)
        {
            return false; // the framework could not decode an international name
        }
    }
}
