namespace NetworkProtocol.Security;

/// <summary>The result of opening a sealed payload.</summary>
public enum OpenStatus
{
    /// <summary>The payload is authentic and new.</summary>
    Opened,

    /// <summary>The payload is too short, was sealed with another key, or was changed on the way.</summary>
    NotAuthentic,

    /// <summary>The payload is authentic, but was received before in this session, or was sent by this side.</summary>
    Replayed,
}
