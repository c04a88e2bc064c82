using System.Text.Json;

namespace NetworkProtocol.Admin;

/// <summary>The JSON format of the API's objects.</summary>
public static class AdminJson
{
    /// <summary>
    /// Names in camel case, enumerations in snake case. The serializers of all API objects are generated at compile time.
    /// </summary>
    public static JsonSerializerOptions Options => AdminJsonContext.Default.Options;
}
