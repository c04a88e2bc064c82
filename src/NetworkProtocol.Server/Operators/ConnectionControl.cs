using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Operators;

/// <summary>Ends connections for an operator: answers what was read, says Disconnect, and aborts who has not gone after 5 s.</summary>
public sealed class ConnectionControl(ConnectionRegistry registry, TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile PacedDisconnect? _last;

    /// <summary>The last call of <see cref="TryDisconnect"/>, under way or done; null before the first.</summary>
    public PacedDisconnect? Last => _last;

    /// <summary>Ends one connection; false if there is none of that number.</summary>
    public bool Disconnect(long id)
    {
        if (registry.Find(id) is not { } connection)
        {
            return false;
        }

        if (connection.State == ConnectionState.Handshaking)
        {
            connection.Abort(CloseReason.Disconnected); // it cannot be told
        }
        else
        {
            connection.Disconnect(CloseReason.Disconnected);
        }

        return true;
    }

    /// <summary>Begins to end many, so many a second; false if it is still busy with the last ones.</summary>
    /// <param name="connections">Which.</param>
    /// <param name="perSecond">How many a second, 1 to 100,000.</param>
    /// <param name="ended">Completes when each has been asked to leave, or <see cref="StopDisconnecting"/> was called.</param>
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

            var disconnect = new PacedDisconnect(connections, CloseReason.Disconnected, perSecond, time);
            _last = disconnect;
            ended = disconnect.RunAsync(CancellationToken.None);
            return true;
        }
    }

    /// <summary>Lets those stay that were not asked yet; false if none is left to be asked.</summary>
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
