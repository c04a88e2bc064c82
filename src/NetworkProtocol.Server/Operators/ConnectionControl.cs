using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Operators;

/// <summary>
/// Disconnects clients for an operator: the server answers what it has read, sends Disconnect, and aborts a connection that has not ended
/// after 5 s.
/// </summary>
public sealed class ConnectionControl(ConnectionRegistry registry, TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile PacedDisconnect? _last;

    /// <summary>The last disconnect of many, running or done; null before the first.</summary>
    public PacedDisconnect? Last => _last;

    /// <summary>Disconnects one client; false if no connection has this number.</summary>
    public bool Disconnect(long id)
    {
        if (registry.Find(id) is not { } connection)
        {
            return false;
        }

        if (connection.State == ConnectionState.Handshaking)
        {
            connection.Abort(CloseReason.DisconnectedByOperator); // a client cannot be told before its handshake is complete
        }
        else
        {
            connection.Disconnect(CloseReason.DisconnectedByOperator);
        }

        return true;
    }

    /// <summary>Begins to disconnect many clients at a rate; false while the last such call still runs.</summary>
    /// <param name="connections">The clients' connections.</param>
    /// <param name="perSecond">How many a second, 1 to 100,000.</param>
    /// <param name="ended">Completes when each disconnect was requested, or <see cref="StopDisconnecting"/> was called.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="perSecond"/> is out of its range.</exception>
    public bool TryDisconnect(IEnumerable<Connection> connections, int perSecond, out Task ended)
    {
        ended = Task.CompletedTask;
        lock (_lock)
        {
            if (_last is { IsRunning: true })
            {
                return false;
            }

            var disconnect = new PacedDisconnect(connections, CloseReason.DisconnectedByOperator, perSecond, time);
            _last = disconnect;
            ended = disconnect.RunAsync(CancellationToken.None);
            return true;
        }
    }

    /// <summary>Keeps the connections whose disconnect was not requested yet; false if there are none.</summary>
    public bool StopDisconnecting()
    {
        lock (_lock)
        {
            if (_last is not { IsRunning: true } last)
            {
                return false;
            }

            last.Stop();
            return true;
        }
    }
}
