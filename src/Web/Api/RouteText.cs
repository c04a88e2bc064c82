namespace NetworkProtocol.Web.Api;

/// <summary>Reads names that are a part of a path.</summary>
internal static class RouteText
{
    /// <summary>
    /// The name as it was before it was escaped: routing does not decode %2F, and names of breakers and tokens may contain slashes.
    /// </summary>
    public static string WithSlashes(string name) => name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
