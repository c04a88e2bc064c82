namespace NetworkProtocol.Hub;

/// <summary>What a hub forwards to the next hub.</summary>
[Flags]
public enum ForwardWhat
{
    /// <summary>The rollups of a minute, an hour and a day, when their time is over and when late data has changed them.</summary>
    Rollups = 1,

    /// <summary>All messages that are stored.</summary>
    Messages = 2,

    /// <summary>Messages and rollups.</summary>
    Both = Rollups | Messages,
}
