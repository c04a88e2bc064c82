using System.Globalization;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>How much the buffer may hold, and what happens beyond that.</summary>
internal sealed record BufferLimits(long Messages, long Bytes, WhenFull WhenFull)
{
    public static BufferLimits Of(EdgeOptions options) => new(options.OfflineBufferSize, options.OfflineBufferBytes, options.WhenFull);

    public bool HasRoom(BufferFile file, long bytes) => file.Messages < Messages && file.Bytes + bytes <= Bytes;

    /// <summary>Whether there would be room if the lane's messages were the only ones.</summary>
    public bool HasRoomBeside(BufferFile file, Forwarding.Lane lane, long bytes)
    {
        var (messages, size) = file.SizeOf(lane);
        return messages < Messages && size + bytes <= Bytes;
    }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture, $"at most {Messages:N0} messages and {Bytes:N0} bytes");
}
