using System.Globalization;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>How much the buffer may hold, and what happens beyond that. The buffer's thread uses it.</summary>
internal sealed class BufferLimits(EdgeOptions options)
{
    public long Messages => options.OfflineBufferSize;

    public WhenFull WhenFull => options.WhenFull;

    /// <summary>
    /// The bytes that the buffer may hold while the disk has no room for more; null while it has. A buffer drops or refuses messages then
    /// as if it were full, because the rows that it deletes make room for others within the file.
    /// </summary>
    public long? DiskBytes { get; set; }

    private long Bytes => Math.Min(options.OfflineBufferBytes, DiskBytes ?? long.MaxValue);

    public bool HasRoom(BufferFile file, long bytes) => file.Messages < Messages && file.Bytes + bytes <= Bytes;

    /// <summary>Whether there would be room if the lane's messages were the only ones.</summary>
    public bool HasRoomBeside(BufferFile file, Forwarding.Lane lane, long bytes)
    {
        var (messages, size) = file.SizeOf(lane);
        return messages < Messages && size + bytes <= Bytes;
    }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"at most {Messages:N0} messages and {Bytes:N0} bytes{(DiskBytes is null ? "" : ", because the edge's disk is full")}");
}
