namespace NetworkProtocol.Edge.Buffer;

/// <summary>Why the edge dropped a message: the label <c>reason</c> of <c>edge_dropped_total</c>.</summary>
internal enum Drop
{
    /// <summary>The buffer was full, and an old message made room.</summary>
    Full,

    /// <summary>The buffer was full, and the new message was refused.</summary>
    Refused,

    /// <summary>The time to live was over.</summary>
    Expired,

    /// <summary>The buffer's file was damaged.</summary>
    Damaged,

    /// <summary>The disk did not take the message.</summary>
    NotDurable,

    /// <summary>An operator discarded the message.</summary>
    Discarded,
}
