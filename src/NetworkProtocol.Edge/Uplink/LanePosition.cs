namespace NetworkProtocol.Edge.Uplink;

/// <summary>Where a lane stands in its sequence.</summary>
/// <param name="Epoch">The epoch of its sequence numbers.</param>
/// <param name="Next">The number behind the last one that was given.</param>
/// <param name="Mark">The last number that the hub has acknowledged; 0 if none.</param>
/// <param name="Checksum">The checksum of the message at the mark; null if it is unknown.</param>
internal readonly record struct LanePosition(long Epoch, long Next, long Mark, uint? Checksum);
