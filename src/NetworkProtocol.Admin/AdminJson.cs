using System.Text.Json;

namespace NetworkProtocol.Admin;

/// <summary>How the API's objects are written as JSON.</summary>
public static class AdminJson
{
    /// <summary>Names in camel case, enumerations in snake case; made ahead of time for all objects of the API.</summary>
    public static JsonSerializerOptions Options => AdminJsonContext.Default.Options;
}
