using System.Globalization;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>How much the buffer may hold, and what happens beyond that.</summary>
internal sealed record BufferLimits(long Messages, long Bytes, WhenFull WhenFull)
{
    public static BufferLimits Of(EdgeOptions options) => new(options.OfflineBufferSize, options.OfflineBufferBytes, options.WhenFull);

    public bool HasRoom(BufferFile file, long bytes) => file.Messages < Messages && file.Bytes + bytes <= Bytes;

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture, $"at most {Messages:N0} messages and {Bytes:N0} bytes");
}
