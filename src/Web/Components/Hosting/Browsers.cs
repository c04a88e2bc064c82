namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Tells browsers, which show pages, from programs.</summary>
internal static class Browsers
{
    public static bool Ask(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
