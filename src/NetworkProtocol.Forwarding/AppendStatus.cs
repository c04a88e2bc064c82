namespace NetworkProtocol.Forwarding;

/// <summary>What a hub did with a batch.</summary>
public enum AppendStatus
{
    /// <summary>The batch is stored, or was stored before; the answer's mark covers it.</summary>
    Stored = 0,

    /// <summary>Messages between the mark and the batch are missing: the edge sends again what follows the mark.</summary>
    Gap = 1,

    /// <summary>The hub knows a higher epoch of the source, and accepts nothing from this one.</summary>
    OldEpoch = 2,

    /// <summary>The hub does not know this epoch: the edge sends <c>EDGE.HELLO</c> first.</summary>
    HelloFirst = 3,

    /// <summary>The hub cannot store at the moment: the edge sends the batch again after the time in the answer.</summary>
    Later = 4,
}
