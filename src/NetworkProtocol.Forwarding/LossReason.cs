namespace NetworkProtocol.Forwarding;

/// <summary>Why a message was lost after the edge had accepted it.</summary>
public enum LossReason
{
    /// <summary>The edge's buffer was full.</summary>
    Full = 0,

    /// <summary>The message was not sent within its time to live.</summary>
    Expired = 1,

    /// <summary>The edge's buffer was damaged.</summary>
    Damaged = 2,

    /// <summary>An operator discarded the buffer.</summary>
    Discarded = 3,

    /// <summary>The hub had acknowledged the message and no longer has it, because an older copy of its store was restored.</summary>
    HubRestored = 4,
}
