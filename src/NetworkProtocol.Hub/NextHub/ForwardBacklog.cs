namespace NetworkProtocol.Hub.NextHub;

/// <summary>How much waits in the store for the next hub, after what is too much was dropped.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Bytes">The size of the messages.</param>
/// <param name="Rollups">How many rollups whose time is over.</param>
/// <param name="Dropped">How many messages and rollups were dropped.</param>
internal sealed record ForwardBacklog(long Messages, long Bytes, long Rollups, long Dropped);
