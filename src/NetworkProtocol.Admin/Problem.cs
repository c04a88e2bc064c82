using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Admin;

/// <summary>What the API answers in place of what was asked for (RFC 9457), as far as it is used.</summary>
/// <param name="Detail">What is wrong, and what would be right; null where there is nothing to say but the status.</param>
internal sealed record Problem(string? Detail);

/// <summary>How it is read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
