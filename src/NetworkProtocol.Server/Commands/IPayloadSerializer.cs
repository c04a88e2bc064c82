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

/// <summary>A payload is not what a command takes. The client is answered with <c>ERROR</c> and this message.</summary>
public sealed class PayloadException : FormatException
{
    /// <summary>Makes one without a message.</summary>
    public PayloadException()
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    public PayloadException(string message)
        : base(message)
    {
    }

    /// <param name="message">What is wrong, and what would be right.</param>
    /// <param name="innerException">What found it.</param>
    public PayloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
