using System.Text.Json.Serialization;

namespace NetworkProtocol.Backup;

/// <summary>How a manifest is written as JSON.</summary>
[JsonSerializable(typeof(Manifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ManifestJson : JsonSerializerContext;
