namespace NetworkProtocol.Server.Operators;

/// <summary>How far an operator's drain is.</summary>
public enum DrainStage
{
    /// <summary>There is no drain.</summary>
    None,

    /// <summary>
    /// The server is not ready any more; it accepts new connections until <see cref="ServerOptions.DrainDelay"/> is over.
    /// </summary>
    Announced,

    /// <summary>The server refuses new connections and disconnects the clients that it has.</summary>
    Disconnecting,

    /// <summary>No connection is left.</summary>
    Drained,
}
