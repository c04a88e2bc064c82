using System.Globalization;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>How much the buffer may hold, and what happens beyond that. The buffer's thread uses it.</summary>
internal sealed class BufferLimits(EdgeOptions options)
{
    /// <summary>Bulk messages that can wait elsewhere leave one part of so many to alarms.</summary>
    private const int PartForAlarms = 10;

    public long Messages => options.OfflineBufferSize;

    public long Bytes => options.OfflineBufferBytes;

    public WhenFull WhenFull => options.WhenFull;

    /// <summary>
    /// The bytes that the buffer may hold while the disk has no room for more; null while it has. A buffer drops or refuses messages then
    /// as if it were full, because the rows that it deletes make room for others within the file.
    /// </summary>
    public long? DiskBytes { get; set; }

    private long BytesNow => Math.Min(Bytes, DiskBytes ?? long.MaxValue);

    public bool HasRoom(BufferFile file, long bytes) => file.Messages < Messages && file.Bytes + bytes <= BytesNow;

    /// <summary>
    /// Whether there is room for a message that can wait elsewhere. One bulk message may always be in the buffer, so that a large one does
    /// not wait for ever.
    /// </summary>
    public bool HasRoomFor(BufferFile file, BufferedMessage message) => HasRoom(file, message.Bytes)
        && (message.Lane == Lane.Alarm || file.SizeOf(Lane.Bulk).Messages == 0
            || (file.Messages < Messages - (Messages / PartForAlarms)
                && file.Bytes + message.Bytes <= BytesNow - (BytesNow / PartForAlarms)));

    /// <summary>Whether an empty buffer has room for so many bytes.</summary>
    public bool CanHold(long bytes) => bytes <= BytesNow;

    /// <summary>Whether there would be room if the lane's messages were the only ones.</summary>
    public bool HasRoomBeside(BufferFile file, Lane lane, long bytes)
    {
        var (messages, size) = file.SizeOf(lane);
        return messages < Messages && size + bytes <= BytesNow;
    }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"at most {Messages:N0} messages and {BytesNow:N0} bytes{(DiskBytes is null ? "" : ", because the edge's disk is full")}");
}
