namespace NetworkProtocol.Hub.NextHub;

/// <summary>How a step of <see cref="Handover"/> ended.</summary>
internal enum HandoverOutcome
{
    /// <summary>Something was moved, and more may wait.</summary>
    Moved,

    /// <summary>Nothing waits.</summary>
    Nothing,

    /// <summary>What waits cannot be moved before the uplink has sent something.</summary>
    Blocked,
}
