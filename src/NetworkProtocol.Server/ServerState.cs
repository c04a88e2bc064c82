namespace NetworkProtocol.Server;

/// <summary>Where the server is in its life.</summary>
public enum ServerPhase
{
    /// <summary>Not listening yet.</summary>
    Starting,

    /// <summary>New connections are served.</summary>
    Serving,

    /// <summary>Ending.</summary>
    Draining,
}

/// <summary>What probes ask: the phase, and where the server listens.</summary>
public sealed class ServerState
{
    private volatile ServerPhase _phase;

    /// <summary>Where the server is in its life.</summary>
    public ServerPhase Phase
    {
        get => _phase;
        internal set => _phase = value;
    }

    /// <summary>The TCP address in use, once the server listens.</summary>
    public System.Net.IPEndPoint? EndPoint { get; internal set; }
}
