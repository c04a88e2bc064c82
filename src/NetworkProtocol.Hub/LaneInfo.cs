using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub;

/// <summary>A lane of a source.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Epoch">The epoch of the edge's buffer.</param>
/// <param name="Mark">The last sequence number that is stored.</param>
/// <param name="Messages">How many messages are or were stored.</param>
/// <param name="Duplicates">How many messages came again and were skipped.</param>
/// <param name="Lost">How many messages the edge has declared as lost.</param>
/// <param name="DeadLetters">How many messages were put aside.</param>
/// <param name="LastTime">The time of the last message; null if there was none.</param>
/// <param name="LastArrival">When that message arrived; null if there was none.</param>
/// <param name="Behind">How many messages waited at the edge behind its last batch.</param>
public sealed record LaneInfo(
    Lane Lane,
    long Epoch,
    long Mark,
    long Messages,
    long Duplicates,
    long Lost,
    long DeadLetters,
    DateTimeOffset? LastTime,
    DateTimeOffset? LastArrival,
    long Behind);
