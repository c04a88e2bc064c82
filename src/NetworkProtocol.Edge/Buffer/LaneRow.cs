using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>A lane as the buffer's thread knows it, with what is not committed yet.</summary>
internal sealed class LaneRow(Lane lane)
{
    public Lane Lane => lane;

    public long Next { get; set; }

    public long Mark { get; set; }

    public uint? Checksum { get; set; }

    public long Messages { get; set; }

    public long Bytes { get; set; }

    public LaneState ToState(long? oldestTime) => new(lane, Next, Mark, Checksum, Messages, Bytes, oldestTime);
}
