namespace NetworkProtocol.Web.Components.Hosting;

/// <summary>Distinguishes browsers, which get pages, from programs.</summary>
internal static class Browsers
{
    public static bool AcceptHtml(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
