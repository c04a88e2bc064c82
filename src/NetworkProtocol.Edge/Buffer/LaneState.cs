using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>What the buffer knows about a lane.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Next">The sequence number of the next message that a sensor publishes.</param>
/// <param name="Mark">The last sequence number that the hub has acknowledged; 0 if none.</param>
/// <param name="Checksum">The checksum of the message at the mark; null if it is unknown.</param>
/// <param name="Messages">How many messages are in the buffer.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="OldestTime">The time of the oldest message, in milliseconds since 1970; null without messages.</param>
internal sealed record LaneState(Lane Lane, long Next, long Mark, uint? Checksum, long Messages, long Bytes, long? OldestTime);
