namespace NetworkProtocol.Edge;

/// <summary>What an edge does with a new message while its buffer is full.</summary>
public enum WhenFull
{
    /// <summary>
    /// The edge drops the oldest bulk message to make room. It drops an alarm only for another alarm, and only if no bulk message is left.
    /// </summary>
    DropOldest,

    /// <summary>The edge refuses the new message: the sensor gets ERROR.</summary>
    DropNewest,

    /// <summary>The edge does not answer the sensor, and reads nothing more from it, until there is room.</summary>
    Block,
}
