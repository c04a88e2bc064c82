namespace NetworkProtocol.Server;

/// <summary>The phases of the server.</summary>
public enum ServerPhase
{
    /// <summary>The server does not listen yet.</summary>
    Starting,

    /// <summary>The server accepts connections.</summary>
    Serving,

    /// <summary>An operator drains the server: it disconnects its clients.</summary>
    Draining,

    /// <summary>The program stops.</summary>
    Stopping,
}
