using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>What the buffer holds, as it was after a commit.</summary>
/// <param name="Epoch">The epoch of the sequence numbers.</param>
/// <param name="Lanes">The lanes, by number.</param>
internal sealed record BufferState(long Epoch, IReadOnlyList<LaneState> Lanes)
{
    public long Messages => Lanes.Sum(lane => lane.Messages);

    public long Bytes => Lanes.Sum(lane => lane.Bytes);

    public long? OldestTime => Lanes.Min(lane => lane.OldestTime);

    public LaneState this[Lane lane] => Lanes[(int)lane];
}
