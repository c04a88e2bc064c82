namespace NetworkProtocol.Server;

/// <summary>Where the server is in its life.</summary>
public enum ServerPhase
{
    /// <summary>Not listening yet.</summary>
    Starting,

    /// <summary>New connections are served.</summary>
    Serving,

    /// <summary>Connections are asked to leave, at an operator's word.</summary>
    Draining,

    /// <summary>The program is ending.</summary>
    Stopping,
}
