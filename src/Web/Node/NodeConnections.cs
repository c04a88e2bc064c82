using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Web.Node;

/// <summary>This node's connections: what is shown of them, and how they are ended.</summary>
internal sealed class NodeConnections(ServerState state, ConnectionRegistry registry, ConnectionControl control, TimeProvider time)
{
    private static readonly Dictionary<string, Func<Connection, IComparable?>> OpenColumns = new()
    {
        ["id"] = c => c.Id,
        ["peer"] = c => Rows.Peer(c.RemoteEndPoint),
        ["identity"] = c => Rows.Identity(c.Identity),
        ["transport"] = c => c.Transport,
        ["state"] = c => c.State,
        ["command"] = c => c.LastCommand,
        ["ageSeconds"] = c => c.Age,
        ["idleSeconds"] = c => c.Idle,
        ["roundTripMilliseconds"] = c => c.RoundTripTime,
        ["messagesReceived"] = c => c.MessagesReceived,
        ["messagesSent"] = c => c.MessagesSent,
        ["bytesReceived"] = c => c.BytesReceived,
        ["bytesSent"] = c => c.BytesSent,
    };

    private static readonly Dictionary<string, Func<ClosedConnection, IComparable?>> ClosedColumns = new()
    {
        ["id"] = c => c.Id,
        ["peer"] = c => Rows.Peer(c.RemoteEndPoint),
        ["identity"] = c => Rows.Identity(c.Identity),
        ["transport"] = c => c.Transport,
        ["reason"] = c => c.Reason.ToName(),
        ["command"] = c => c.LastCommand,
        ["closedAt"] = c => c.ClosedAt,
        ["ageSeconds"] = c => c.ClosedAt - c.ConnectedAt,
        ["messagesReceived"] = c => c.MessagesReceived,
        ["messagesSent"] = c => c.MessagesSent,
        ["bytesReceived"] = c => c.BytesReceived,
        ["bytesSent"] = c => c.BytesSent,
    };

    /// <summary>The disconnect of many that runs, or that ran last; null before the first.</summary>
    public PacedDisconnect? Disconnecting => control.Last;

    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ConnectionRow> Open(ConnectionFilter filter, Paging paging)
    {
        filter.Require(closed: false);
        return (paging.Sort is null ? paging with { Sort = "id" } : paging)
            .Take(registry.Open.Where(filter.Matches).ToArray(), OpenColumns, c => Rows.Of(c, state.NodeId));
    }

    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ClosedRow> Closed(ConnectionFilter filter, Paging paging)
    {
        filter.Require(closed: true);
        return paging.Take(registry.Closed.Where(filter.Matches).Reverse().ToArray(), ClosedColumns, c => Rows.Of(c, state.NodeId));
    }

    /// <summary>A connection with all that is known of it; null if it is not open here.</summary>
    public ConnectionDetail? Find(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Find(key.Id) is { } connection ? Rows.DetailOf(connection, key.Node, time) : null;

    /// <summary>A connection that ended, if it is remembered here.</summary>
    public ClosedRow? FindClosed(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Closed.LastOrDefault(connection => connection.Id == key.Id) is { } closed
            ? Rows.Of(closed, key.Node)
            : null;

    /// <summary>How many open connections a ban would end.</summary>
    public int Count(BanTarget target) => registry.Open.Count(target.Concerns);

    /// <summary>How the audit log names a connection: with its client's name, if it has one.</summary>
    public string Describe(ConnectionKey key) =>
        (Find(key)?.Connection.Identity ?? FindClosed(key)?.Identity) is { } name ? $"connection {key} of {name}" : $"connection {key}";

    public Outcome Disconnect(ConnectionKey key) => key.Node == state.NodeId && control.Disconnect(key.Id)
        ? Outcome.Done($"Connection {key} is being ended.", 1)
        : Outcome.NotFound(MissingConnection.Text(key, state.NodeId));

    /// <summary>Ends all that match, at a rate, in the background.</summary>
    public Outcome DisconnectMatching(DisconnectRequest request)
    {
        var filter = request.Filter.WithoutBlanks();
        if (filter.FindProblem(closed: false) is { } problem)
        {
            return Outcome.Invalid(problem);
        }

        if (request.PerSecond is < 1 or > PacedDisconnect.MaxPerSecond)
        {
            return Outcome.Invalid($"perSecond = {request.PerSecond}: must be 1 to {PacedDisconnect.MaxPerSecond}.");
        }

        if (filter.IsEmpty && !request.All)
        {
            return Outcome.Invalid("The filter is empty: to end all connections, set all to true.");
        }

        var matching = registry.Open.Where(filter.Matches).ToArray();
        if (matching.Length > request.Expected + Math.Max(10L, request.Expected / 10))
        {
            return Outcome.Conflict($"{Shown(matching.Length)} match now, but you confirmed {request.Expected}. Check the number and try again.");
        }

        return control.TryDisconnect(matching, request.PerSecond, out _)
            ? Outcome.Done($"Ending {Shown(matching.Length)}, {request.PerSecond} a second.", matching.Length)
            : Outcome.Conflict("Other connections are still being ended. Wait until they have ended, or stop ending them.");
    }

    public Outcome StopDisconnecting() => control.StopDisconnecting()
        ? Outcome.Done("The remaining connections stay open.")
        : Outcome.Conflict("No connections are being ended.");

    /// <summary>A number of connections in words.</summary>
    public static string Shown(int connections) => connections == 1 ? "1 connection" : $"{connections} connections";
}
