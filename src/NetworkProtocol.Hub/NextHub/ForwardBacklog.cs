namespace NetworkProtocol.Hub.NextHub;

/// <summary>How much waits in the store for the next hub, after what is too much was dropped.</summary>
/// <param name="Messages">How many messages.</param>
/// <param name="Bytes">The size of the messages.</param>
/// <param name="Rollups">How many rollups whose time is over.</param>
/// <param name="DroppedMessages">How many messages of each lane were dropped.</param>
/// <param name="DroppedRollups">How many rollups were dropped.</param>
internal sealed record ForwardBacklog(
    long Messages, long Bytes, long Rollups, IReadOnlyList<long> DroppedMessages, long DroppedRollups)
{
    public static readonly ForwardBacklog None = new(0, 0, 0, [], 0);

    /// <summary>How many messages and rollups were dropped.</summary>
    public long Dropped => DroppedMessages.Sum() + DroppedRollups;
}
