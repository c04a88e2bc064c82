namespace Integration.Tests.Connections;

/// <summary>How connections end that have much to answer.</summary>
internal enum Ending
{
    Reset,
    Close,

    /// <summary>The client sends nothing more, and wants all answers.</summary>
    HalfClose,

    /// <summary>The client says Disconnect after its last request.</summary>
    Disconnect,

    /// <summary>The client says nothing more, not even a Pong.</summary>
    Silence,
    Ban,
    OperatorDisconnect,

    /// <summary>An operator's drain of the whole server, whose deadline may come before the last answer.</summary>
    Drain,

    /// <summary>The program stops, with such a deadline.</summary>
    Shutdown,
}
