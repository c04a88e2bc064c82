namespace Integration.Tests.Connections;

/// <summary>The ways in which a connection with many pending requests ends.</summary>
internal enum Ending
{
    Reset,
    Close,

    /// <summary>The client closes its sending side and expects all answers.</summary>
    HalfClose,

    /// <summary>The client sends Disconnect after its last request.</summary>
    Disconnect,

    /// <summary>The client sends nothing more, not even a Pong.</summary>
    Silence,
    Ban,
    OperatorDisconnect,

    /// <summary>An operator drains the whole server. The deadline may come before the last answer.</summary>
    Drain,

    /// <summary>The program stops, with the same kind of deadline.</summary>
    Shutdown,
}
