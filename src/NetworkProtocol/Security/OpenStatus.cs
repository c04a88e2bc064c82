namespace NetworkProtocol.Security;

/// <summary>What became of a sealed payload.</summary>
public enum OpenStatus
{
    /// <summary>Authentic and new.</summary>
    Opened,

    /// <summary>Too short, or sealed with another key, or changed on the way.</summary>
    NotAuthentic,

    /// <summary>Authentic, but seen before in this session or sent by ourselves.</summary>
    Replayed,
}
