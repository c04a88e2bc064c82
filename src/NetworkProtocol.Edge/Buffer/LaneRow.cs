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

    /// <summary>The last number that went to the hub, which has not answered; 0 without one. It may have the messages up to it.</summary>
    public long Sent { get; set; }

    /// <summary>What <see cref="Sent"/> was when the transaction began.</summary>
    public long SentBefore { get; set; }

    public LaneState ToState(long? oldestTime) => new(lane, Next, Mark, Checksum, Messages, Bytes, oldestTime);
}
