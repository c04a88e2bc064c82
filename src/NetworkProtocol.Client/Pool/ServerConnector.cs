using Microsoft.Extensions.Logging;
using NetworkProtocol.Client.Connections;
using NetworkProtocol.Client.Diagnostics;

namespace NetworkProtocol.Client.Pool;

/// <summary>Makes one connection to the fastest of the servers, each attempt behind the circuit breaker of its server.</summary>
internal sealed class ServerConnector(ProtocolClientOptions options, ILogger logger)
{
    private TimeProvider Time => options.Connection.TimeProvider;

    /// <summary>
    /// Tries the servers in order, each once, until one is connected. A server that was slower than a later one is remembered.
    /// </summary>
    /// <exception cref="ProtocolClientException">No attempt has succeeded.</exception>
    /// <exception cref="OperationCanceledException">The client is disposed.</exception>
    public async Task<PooledConnection> ConnectAsync(ServerEntry[] servers, CancellationToken stopping)
    {
        var race = new ConnectionRace<ProtocolConnection>(Connector.LongestHeadStart, Time);
        var connection = await race.RunAsync(
            servers.Select(server => (Func<CancellationToken, Task<ProtocolConnection>>)(token => ProbeAsync(server, stopping, token))),
            stopping).ConfigureAwait(false);
        var slower = servers.TakeWhile(server => server.Address != connection.Address).ToArray();
        Array.ForEach(slower, server => server.SlowUntil = Time.TimestampAfter(options.Reconnect.MaxDelay));
        return new PooledConnection(connection, servers[slower.Length], Time);
    }

    private async Task<ProtocolConnection> ProbeAsync(ServerEntry server, CancellationToken stopping, CancellationToken cancellationToken)
    {
        try
        {
            return await server.Breaker.ProbeAsync(AttemptAsync, server, cancellationToken).ConfigureAwait(false);
        }
        catch (ProtocolClientException e)
        {
            Log.ConnectFailed(logger, options.Name, server.Address, e.Message);
            throw;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            Log.ConnectOvertaken(logger, options.Name, server.Address);
            throw;
        }
    }

    private async ValueTask<ProtocolConnection> AttemptAsync(ServerEntry server, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ProtocolConnection.ConnectAsync(server.Address, options.Connection, cancellationToken)
                .ConfigureAwait(false);
            ClientTelemetry.Attempted(server.Address, null);
            return connection;
        }
        catch (ProtocolClientException e)
        {
            ClientTelemetry.Attempted(server.Address, e);
            throw;
        }
    }
}
