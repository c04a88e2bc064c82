using Microsoft.Extensions.Logging;
using NetworkProtocol.Client.Diagnostics;

namespace NetworkProtocol.Client.Pool;

/// <summary>Watches the connections of the pool. Takes a lost connection out of the pool and delays the next attempt to connect.</summary>
internal sealed class LossHandler(
    ProtocolClientOptions options,
    ConnectionPool pool,
    ServerSelection servers,
    ReconnectSchedule schedule,
    ClientStatePublisher state,
    WakeSignal signal,
    ILogger logger)
{
    private TimeProvider Time => options.Connection.TimeProvider;

    public void Watch(PooledConnection connection)
    {
        connection.Connection.Ended = reason => OnEnded(connection, reason);
        if (connection.Connection.Closed is { IsCompletedSuccessfully: true } closed)
        {
            OnEnded(connection, closed.Result); // the task is complete, so Result does not block
        }
    }

    private void OnEnded(PooledConnection connection, ProtocolClientException reason)
    {
        if (!connection.TryEnd())
        {
            return;
        }

        ClientTelemetry.Connected(connection.Server.Address, -1);
        if (!pool.Open.Contains(connection))
        {
            return; // the client has closed it
        }

        Delay(connection, reason); // before the connection leaves the pool, when callers begin to want another one
        pool.Remove(connection);
        if (pool.Open.Length == 0)
        {
            state.Enter(ClientState.Disconnected, connection.Server.Address, reason);
            pool.ReportError(reason);
        }

        pool.Wake(); // callers that wait for a slot of this connection have to choose another one
        signal.Set();
        _ = connection.Connection.DisposeAsync().AsTask();
        Log.ConnectionLost(logger, options.Name, connection.Server.Address, reason.Message); // last, because a logger may throw
    }

    private void Delay(PooledConnection connection, ProtocolClientException reason)
    {
        connection.Server.AvoidUntil = reason.IsDisconnect ? Time.TimestampAfter(options.Reconnect.MaxDelay) : long.MinValue;
        var canMoveNow = reason.IsDisconnect && servers.IsAnyAvailable(Time.GetTimestamp());
        schedule.Lost(connection.Opened, mayReconnectNow: canMoveNow);
    }
}
