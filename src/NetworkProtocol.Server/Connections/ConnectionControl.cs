namespace NetworkProtocol.Server.Connections;

/// <summary>Ends connections for an operator: answers what was read, says Disconnect, and aborts who has not gone after 5 s.</summary>
public sealed class ConnectionControl(ConnectionRegistry registry, TimeProvider time)
{
    private volatile Farewell? _last;

    /// <summary>The last call of <see cref="DisconnectAsync"/>, under way or done; null before the first.</summary>
    public Farewell? Last => _last;

    /// <summary>Ends one connection; false if there is none of that number.</summary>
    public bool Disconnect(long id)
    {
        if (registry.Find(id) is not { } connection)
        {
            return false;
        }

        if (connection.State == ConnectionState.Handshaking)
        {
            connection.Abort(CloseReason.Kicked); // it cannot be told
        }
        else
        {
            connection.Leave(CloseReason.Kicked);
        }

        return true;
    }

    /// <summary>Ends many, so many a second; completes when each has been asked to leave.</summary>
    /// <param name="connections">Which.</param>
    /// <param name="perSecond">How many a second, 1 to 100,000.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    public async Task<Farewell> DisconnectAsync(IEnumerable<Connection> connections, int perSecond, CancellationToken cancellationToken)
    {
        var farewell = new Farewell(connections, CloseReason.Kicked, perSecond, time);
        _last = farewell;
        await farewell.RunAsync(cancellationToken);
        return farewell;
    }
}
