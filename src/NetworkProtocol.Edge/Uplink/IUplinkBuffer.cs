using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Uplink;

/// <summary>
/// What an uplink needs of the place that keeps the messages of a source until the hub has them. Each change is durable when its method
/// returns. A number that was given to a message belongs to that message as long as the epoch lasts, so that the hub recognizes a message
/// that comes again.
/// </summary>
internal interface IUplinkBuffer
{
    /// <summary>Completes when there may be something to send that was not there when the property was read.</summary>
    Task Changed { get; }

    /// <summary>The mark of a lane as it was when it was last read or changed.</summary>
    long MarkOf(Lane lane);

    Task<LanePosition> ReadAsync(Lane lane, CancellationToken cancellationToken);

    /// <summary>
    /// Returns what follows the mark, at most so many messages, or null if nothing does; and how many messages damage has taken, which the
    /// batch declares as lost.
    /// </summary>
    Task<(Batch? Batch, long Damaged)> NextAsync(Lane lane, string source, int most, CancellationToken cancellationToken);

    /// <summary>Notes that the hub has stored all up to the mark, and deletes it.</summary>
    /// <returns>
    /// How many messages were deleted; null if the mark is that of another epoch, or of messages that were never given to the hub: nothing
    /// is changed.
    /// </returns>
    Task<long?> AcknowledgeAsync(Lane lane, long epoch, long mark, uint? checksum, CancellationToken cancellationToken);

    /// <summary>The checksum of a message; null if it is not there.</summary>
    Task<uint?> ChecksumOfAsync(Lane lane, long sequence, CancellationToken cancellationToken);

    /// <summary>Notes that the hub has agreed to the epoch, so that from now on an older copy may exist.</summary>
    Task NoteAgreedAsync(Lane lane, CancellationToken cancellationToken);

    /// <summary>Moves the mark back to the hub's. What lies between is gone, and is a loss.</summary>
    /// <returns>How many messages are lost.</returns>
    Task<long> MoveMarkBackAsync(Lane lane, long mark, CancellationToken cancellationToken);

    /// <summary>Begins a new epoch, and returns it. The sequence numbers go on.</summary>
    Task<long> BeginEpochAsync(Lane lane, CancellationToken cancellationToken);

    /// <summary>
    /// Begins an epoch above the hub's, unless this one is above it already. That is right only if no hub has ever agreed to the epoch:
    /// then this cannot be an older copy, and the hub remembers what was here before.
    /// </summary>
    /// <param name="lane">The lane.</param>
    /// <param name="hubEpoch">The epoch that the hub knows.</param>
    /// <param name="beginning">Called before a new epoch begins; an exception prevents it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether the epoch is above the hub's now.</returns>
    Task<bool> TryOvertakeAsync(Lane lane, long hubEpoch, Action beginning, CancellationToken cancellationToken);
}
