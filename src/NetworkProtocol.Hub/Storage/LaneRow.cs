using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;

namespace NetworkProtocol.Hub.Storage;

/// <summary>A lane of a source as a writer knows it.</summary>
internal sealed class LaneRow(Lane lane, LaneState state)
{
    public Lane Lane { get; } = lane;

    public LaneState State { get; set; } = state;

    /// <summary>The number that readings of this lane and epoch have in their key; 0 until there is a reading.</summary>
    public long Stream { get; set; }

    public long Messages { get; set; }

    public long Duplicates { get; set; }

    public long Lost { get; set; }

    public long DeadLetters { get; set; }

    public long? LastTime { get; set; }

    public long? LastArrival { get; set; }

    /// <summary>How many messages waited at the edge behind its last batch.</summary>
    public long Behind { get; set; }

    public bool IsChanged { get; set; }
}
