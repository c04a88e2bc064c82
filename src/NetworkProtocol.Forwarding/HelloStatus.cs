namespace NetworkProtocol.Forwarding;

/// <summary>What a hub thinks of a greeting.</summary>
public enum HelloStatus
{
    /// <summary>Edge and hub mean the same sequence: the edge sends what follows the mark.</summary>
    Agreed = 0,

    /// <summary>
    /// The hub knows a higher epoch of the source: the edge's buffer is an older copy, or another machine uses the source's name. The hub
    /// accepts nothing from it.
    /// </summary>
    OldEpoch = 1,

    /// <summary>
    /// The epoch is the hub's, but the messages are others: a copy of the buffer was in use. The edge begins a new epoch.
    /// </summary>
    Fork = 2,
}
