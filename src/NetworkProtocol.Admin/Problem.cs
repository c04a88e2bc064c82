using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Admin;

/// <summary>A problem document, with which the API answers a failed request (RFC 9457); only the field that is used here.</summary>
/// <param name="Detail">What is wrong, and what is right; null if the status says it all.</param>
internal sealed record Problem(string? Detail);

/// <summary>The generated serializer of <see cref="Problem"/>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
