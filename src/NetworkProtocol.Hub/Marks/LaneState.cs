namespace NetworkProtocol.Hub.Marks;

/// <summary>What a hub knows about the sequence of a lane.</summary>
/// <param name="Epoch">The epoch of the edge's buffer.</param>
/// <param name="Mark">The last sequence number that is stored; 0 if none.</param>
/// <param name="Checksum">The checksum of the message at the mark; null if it is unknown or no message.</param>
internal readonly record struct LaneState(long Epoch, long Mark, uint? Checksum);
