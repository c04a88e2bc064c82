namespace NetworkProtocol.Edge;

/// <summary>What an edge holds, and how its hub takes it.</summary>
/// <param name="Source">The name under which the hub stores the messages.</param>
/// <param name="HubAddress">The hub's address.</param>
/// <param name="Epoch">The epoch of the sequence numbers.</param>
/// <param name="Lanes">The lanes, by number.</param>
/// <param name="Drops">The reasons for which messages were dropped, also those for which none was.</param>
/// <param name="MaxMessages">The largest number of messages in the buffer.</param>
/// <param name="MaxBytes">The largest size of the messages in the buffer.</param>
/// <param name="WhenFull">What the edge does with a new message while the buffer is full.</param>
/// <param name="IsPaused">Whether an operator has paused the uplink.</param>
/// <param name="UplinkError">Why the hub gets no messages of at least one lane; null if it takes all.</param>
/// <param name="BufferError">Why what sensors publish is not on the disk; null if it is.</param>
/// <param name="BufferShortage">Why the buffer holds less than its settings allow, as on a full disk; null if it does not.</param>
public sealed record EdgeStatus(
    string Source,
    string HubAddress,
    long Epoch,
    IReadOnlyList<EdgeLaneStatus> Lanes,
    IReadOnlyList<EdgeDrops> Drops,
    long MaxMessages,
    long MaxBytes,
    WhenFull WhenFull,
    bool IsPaused,
    string? UplinkError,
    string? BufferError,
    string? BufferShortage);
