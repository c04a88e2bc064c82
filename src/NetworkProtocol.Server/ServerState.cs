using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server;

/// <summary>The state of the server, for probes and lists: its phase, its node's id, and where it listens.</summary>
public sealed class ServerState
{
    private volatile int _phase;
    private volatile string? _nodeId;
    private volatile string _nodeOfHost = NodeName.OfHost(port: null);

    /// <summary>The phase of the server.</summary>
    public ServerPhase Phase
    {
        get => (ServerPhase)_phase;
        internal set => _phase = (int)value;
    }

    /// <summary>Whether the server accepts connections. An operator's drain refuses them while the port stays open.</summary>
    internal volatile bool Accepts = true;

    internal bool TryChange(ServerPhase from, ServerPhase to) => Interlocked.CompareExchange(ref _phase, (int)to, (int)from) == (int)from;

    /// <summary>
    /// The id of this node among all nodes: 1 to 128 letters, digits, dots, underscores, hyphens and colons. The
    /// default is the host's name and, once the server listens on a port other than 8443, the port: <c>web-1:9443</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The value is not such an id.</exception>
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

    /// <summary>
    /// The paths of the Unix sockets in use, once the server listens: the path in the settings, or the paths of the sockets that systemd
    /// holds.
    /// </summary>
    public IReadOnlyList<string> LocalSockets { get; internal set; } = [];

    /// <summary>The key of a connection of this node.</summary>
    /// <param name="id">The connection's number.</param>
    public ConnectionKey KeyOf(long id) => new(NodeId, id);
}
