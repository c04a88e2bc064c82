using System.Buffers;

namespace NetworkProtocol.Server.Commands;

/// <summary>Reads and writes the payloads of handlers that take or return a type of their own. The default is JSON; register another as a service.</summary>
public interface IPayloadSerializer
{
    /// <summary>Reads a payload.</summary>
    /// <exception cref="PayloadException">It is not what the handler takes.</exception>
    T Read<T>(ReadOnlySpan<byte> payload);

    /// <summary>Writes a payload.</summary>
    void Write<T>(IBufferWriter<byte> payload, T value);
}
