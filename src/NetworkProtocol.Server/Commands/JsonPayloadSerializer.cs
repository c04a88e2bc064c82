using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace NetworkProtocol.Server.Commands;

/// <summary>Payloads as JSON in UTF-8 (System.Text.Json).</summary>
internal sealed class JsonPayloadSerializer(IOptions<CommandJsonOptions> options) : IPayloadSerializer
{
    private readonly JsonSerializerOptions _options = options.Value.Serializer;

    public T Read<T>(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(payload, _options)
                ?? throw new PayloadException("The payload is null, and the command needs a value");
        }
        catch (JsonException e) // the client does not get its message, which names the program's types
        {
            throw new PayloadException(
                $"The payload is not the JSON that the command takes: see {e.Path ?? "$"}, line {e.LineNumber + 1}, "
                + $"byte {e.BytePositionInLine + 1}", e);
        }
    }

    public void Write<T>(IBufferWriter<byte> payload, T value) => payload.Write(JsonSerializer.SerializeToUtf8Bytes(value, _options));
}
