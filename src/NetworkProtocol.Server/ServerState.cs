using NetworkProtocol.Server.Connections;

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

/// <summary>What probes ask: the phase, which node this is, and where the server listens.</summary>
public sealed class ServerState
{
    private volatile int _phase;
    private volatile string? _nodeId;
    private volatile string _nodeOfHost = NodeName.OfHost(port: null);

    /// <summary>Where the server is in its life.</summary>
    public ServerPhase Phase
    {
        get => (ServerPhase)_phase;
        internal set => _phase = (int)value;
    }

    /// <summary>Whether new connections are served; an operator's drain turns them away while the port stays open.</summary>
    internal volatile bool Accepts = true;

    internal bool TryChange(ServerPhase from, ServerPhase to) => Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

    /// <summary>
    /// The id of this node among all nodes: 1 to 128 letters, digits, dots, underscores, hyphens and colons. Unless it is set, the host's
    /// name, and once the server listens also the port if that is not 8443, as <c>web-1:9443</c>.
    /// </summary>
    /// <exception cref="ArgumentException">It is set to something else.</exception>
    public string NodeId
    {
        get => _nodeId ?? _nodeOfHost;
        set => _nodeId = NodeName.IsValid(value) ? value
            : throw new ArgumentException("must be 1 to 128 letters, digits, dots, underscores, hyphens and colons", nameof(value));
    }

    /// <summary>The id of a node that was given none.</summary>
    /// <param name="port">Its port, or null if the port is not known.</param>
    public static string NodeIdOf(int? port) => NodeName.OfHost(port);

    /// <summary>The TCP address in use, once the server listens.</summary>
    public System.Net.IPEndPoint? EndPoint
    {
        get;
        internal set
        {
            field = value;
            _nodeOfHost = NodeName.OfHost(value?.Port);
        }
    }

    /// <summary>The paths of the Unix sockets in use, once the server listens: the setting's, or those that systemd holds.</summary>
    public IReadOnlyList<string> LocalSockets { get; internal set; } = [];

    /// <summary>The key of a connection of this node.</summary>
    /// <param name="id">The connection's number.</param>
    public ConnectionKey KeyOf(long id) => new(NodeId, id);
}
