using System.Text.Json;

namespace NetworkProtocol.Server.Commands;

/// <summary>The JSON of payloads; <see cref="NetworkProtocolServerExtensions.ConfigureCommandJson"/> changes it.</summary>
internal sealed class CommandJsonOptions
{
    public JsonSerializerOptions Serializer { get; } = new(JsonSerializerDefaults.Web);
}
