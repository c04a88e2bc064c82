using System.Buffers;

namespace NetworkProtocol.Server.Commands;

/// <summary>
/// Reads and writes the payloads of handlers that take or return types of their own. The default is JSON; register a service for another
/// format.
/// </summary>
public interface IPayloadSerializer
{
    /// <summary>Reads a payload.</summary>
    /// <exception cref="PayloadException">The payload is not what the handler takes.</exception>
    T Read<T>(ReadOnlySpan<byte> payload);

    /// <summary>Writes a payload.</summary>
    void Write<T>(IBufferWriter<byte> payload, T value);
}
