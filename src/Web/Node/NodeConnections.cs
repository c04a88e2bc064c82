using NetworkProtocol.Admin;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists the connections of this node, and ends them.</summary>
internal sealed class NodeConnections(ServerState state, ConnectionRegistry registry, ConnectionControl control, TimeProvider time)
{
    private static readonly Dictionary<string, Func<Connection, IComparable?>> OpenColumns = new()
    {
        ["id"] = c => c.Id,
        ["peer"] = c => ApiNames.Peer(c.RemoteEndPoint),
        ["identity"] = c => ApiNames.Identity(c.Identity),
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
        ["peer"] = c => ApiNames.Peer(c.RemoteEndPoint),
        ["identity"] = c => ApiNames.Identity(c.Identity),
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

    /// <summary>The current or last disconnect of many connections; null before the first one.</summary>
    public PacedDisconnect? Disconnecting => control.Last;

    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ConnectionRow> Open(ConnectionFilter filter, Paging paging)
    {
        filter.RequireValid(closed: false);
        return (paging.Sort is null ? paging with { Sort = "id" } : paging)
            .TakePage(registry.Open.Where(filter.Matches).ToArray(), OpenColumns, c => RowFactory.Of(c, state.NodeId));
    }

    /// <exception cref="NodeException">The filter or the page is wrong.</exception>
    public PageOf<ClosedRow> Closed(ConnectionFilter filter, Paging paging)
    {
        filter.RequireValid(closed: true);
        var matching = registry.Closed.Where(filter.Matches).Reverse().ToArray();
        return paging.TakePage(matching, ClosedColumns, c => RowFactory.Of(c, state.NodeId));
    }

    /// <summary>An open connection with all details; null if this node has no such open connection.</summary>
    public ConnectionDetail? Find(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Find(key.Id) is { } connection ? RowFactory.DetailOf(connection, key.Node, time) : null;

    /// <summary>A closed connection; null if it is not among the last closed connections of this node.</summary>
    public ClosedRow? FindClosed(ConnectionKey key) =>
        key.Node == state.NodeId && registry.Closed.LastOrDefault(connection => connection.Id == key.Id) is { } closed
            ? RowFactory.Of(closed, key.Node)
            : null;

    /// <summary>The number of open connections that a ban of the target would end.</summary>
    public int Count(BanTarget target) => registry.Open.Count(target.Concerns);

    /// <summary>The connection's name in the audit log: its key, and the name of its client if the client has one.</summary>
    public string Describe(ConnectionKey key) =>
        (Find(key)?.Connection.Identity ?? FindClosed(key)?.Identity) is { } name ? $"connection {key} of {name}" : $"connection {key}";

    /// <summary>A number of connections in words.</summary>
    public static string CountText(int connections) => connections == 1 ? "1 connection" : $"{connections} connections";
}
