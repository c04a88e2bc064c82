using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Connections;

/// <summary>All open connections, and the last closed connections with their reasons.</summary>
public sealed class ConnectionRegistry(IOptions<ServerOptions> options, ServerMetrics metrics, ServerState state, TimeProvider time)
{
    /// <summary>How many closed connections are kept.</summary>
    public const int ClosedCapacity = 10_000;

    private readonly ConcurrentDictionary<long, Connection> _open = new();
    private readonly Ring<ClosedConnection> _closed = new(ClosedCapacity);
    private readonly Dictionary<UInt128, int> _perAddress = [];
    private readonly Lock _addressLock = new();
    private long _lastId;
    private int _count;

    /// <summary>How many connections are open.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether the server would refuse one more connection.</summary>
    public bool IsFull => Count >= options.Value.MaxConnections;

    /// <summary>
    /// The open connections. The enumeration copies nothing and takes no lock, so a connection that opens or ends meanwhile may or may not
    /// be among them.
    /// </summary>
    public IEnumerable<Connection> Open => _open.Select(entry => entry.Value);

    /// <summary>The last closed connections, oldest first.</summary>
    public IReadOnlyCollection<ClosedConnection> Closed => _closed.ToArray();

    /// <summary>The open connection of a number, or null.</summary>
    public Connection? Find(long id) => _open.GetValueOrDefault(id);

    /// <summary>How many connections have ever opened, plus how many have ended.</summary>
    internal long OpenedAndClosed => (2 * Volatile.Read(ref _lastId)) - Count;

    internal bool TryOpen(ConnectionContext context, out Connection connection)
    {
        connection = new Connection(Interlocked.Increment(ref _lastId), context, time);
        if (!state.Accepts)
        {
            Reject(connection, CloseReason.Draining);
            Remember(connection);
            return false;
        }

        if (Interlocked.Increment(ref _count) > options.Value.MaxConnections)
        {
            Interlocked.Decrement(ref _count);
            Reject(connection, CloseReason.ServerFull);
            Remember(connection);
            return false;
        }

        _open[connection.Id] = connection;
        metrics.ConnectionOpened();
        return true;
    }

    /// <summary>Counts the connection to its client's address once the address is known; false if that has reached its limit.</summary>
    internal bool TryAdmitAddress(Connection connection)
    {
        if (options.Value.MaxConnectionsPerAddress == 0 || !TryGetKey(connection, out var key))
        {
            return true;
        }

        lock (_addressLock)
        {
            var count = _perAddress.GetValueOrDefault(key);
            if (count >= options.Value.MaxConnectionsPerAddress)
            {
                Reject(connection, CloseReason.TooManyFromAddress);
                return false;
            }

            _perAddress[key] = count + 1;
            connection.CountsForAddress = true;
            return true;
        }
    }

    private void ReleaseAddress(Connection connection)
    {
        if (!connection.CountsForAddress || !TryGetKey(connection, out var key))
        {
            return;
        }

        lock (_addressLock)
        {
            if (--_perAddress[key] == 0)
            {
                _perAddress.Remove(key);
            }
        }
    }

    internal void Close(Connection connection)
    {
        ReleaseAddress(connection);
        _open.TryRemove(connection.Id, out _);
        Interlocked.Decrement(ref _count);
        metrics.ConnectionClosed(connection.CloseReason);
        Remember(connection);
    }

    internal void Reject(Connection connection, CloseReason reason)
    {
        connection.EndWith(reason);
        metrics.Rejected(reason);
    }

    private void Remember(Connection connection)
    {
        _closed.Add(new ClosedConnection(
            connection.Id, connection.RemoteEndPoint, connection.Transport, connection.Identity, connection.ConnectedAt,
            time.GetUtcNow(), connection.CloseReason, connection.MessagesReceived, connection.MessagesSent,
            connection.BytesReceived, connection.BytesSent, connection.LastCommand, connection.LastError));
    }

    private static bool TryGetKey(Connection connection, out UInt128 key)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        key = address is null ? default : ClientAddress.Subscriber(address);
        return address is not null;
    }
}
