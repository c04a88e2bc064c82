using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>What a store keeps for the next hub: the messages, and which rollups have changed since they were forwarded.</summary>
internal interface IForwardSource
{
    /// <summary>Completes when something was stored since the property was read.</summary>
    Task Changed { get; }

    /// <summary>How many rollups are not forwarded because their last change came when they were too old to be kept.</summary>
    long TooOld { get; }

    /// <summary>Notes the rollups that are being filled, which began while nothing was forwarded.</summary>
    Task NoteOpenRollupsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the messages that were handed over, and has later ones begin behind them, also if an older copy of the store was restored.
    /// </summary>
    /// <param name="positions">The position of each lane.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task BeginAfterAsync(IReadOnlyList<long> positions, CancellationToken cancellationToken);

    /// <summary>Reads what waits.</summary>
    /// <param name="max">The largest number of rollups.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    Task<ForwardDue> ReadDueAsync(int max, CancellationToken cancellationToken);

    /// <summary>Reads messages of a lane in their order: at most 500 and about 256 KiB, but at least one if there is one.</summary>
    Task<IReadOnlyList<ForwardMessage>> ReadMessagesAsync(Lane lane, long after, long upTo, CancellationToken cancellationToken);

    /// <summary>Deletes messages that were handed over.</summary>
    Task DeleteMessagesAsync(Lane lane, long upTo, CancellationToken cancellationToken);

    /// <summary>Forgets rollups that were handed over, unless they have changed since they were read.</summary>
    Task DeleteRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken);

    /// <summary>
    /// Drops the oldest messages and rollups beyond a number of each, and beyond a size of the messages: alarms only if no bulk message is
    /// left.
    /// </summary>
    Task<ForwardBacklog> BoundAsync(long max, long maxBytes, CancellationToken cancellationToken);
}
