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

/// <summary>What probes ask: the phase, and where the server listens.</summary>
public sealed class ServerState
{
    private volatile int _phase;

    /// <summary>Where the server is in its life.</summary>
    public ServerPhase Phase
    {
        get => (ServerPhase)_phase;
        internal set => _phase = (int)value;
    }

    /// <summary>Whether new connections are served; an operator's drain turns them away while the port stays open.</summary>
    internal volatile bool Accepts = true;

    internal bool TryChange(ServerPhase from, ServerPhase to) => Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

    /// <summary>The TCP address in use, once the server listens.</summary>
    public System.Net.IPEndPoint? EndPoint { get; internal set; }

    /// <summary>The paths of the Unix sockets in use, once the server listens: the setting's, or those that systemd holds.</summary>
    public IReadOnlyList<string> LocalSockets { get; internal set; } = [];
}
