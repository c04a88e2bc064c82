using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Proxy;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// The outermost middleware: registers a connection, learns its client's address or user, admits it or refuses it, and always unregisters
/// it with a reason.
/// </summary>
internal sealed class ConnectionGate(
    ConnectionRegistry registry,
    BanList bans,
    ServerMetrics metrics,
    ErrorLog errors,
    IOptions<ServerOptions> options,
    ILogger<ConnectionGate> logger)
{
    private readonly TrustedProxies _proxies = new(options.Value.TrustedProxies);

    /// <summary>Serves a connection to a Unix socket. The socket's file permissions have decided who may connect.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="endpoint">The name of the socket's <see cref="LocalEndpoint"/>; null for the server's own socket.</param>
    /// <param name="next">The handler.</param>
    public Task RunLocalAsync(ConnectionContext context, string? endpoint, ConnectionDelegate next) => RunAsync(context, connection =>
    {
        connection.Endpoint = endpoint;
        connection.Transport = ConnectionTransport.Local;
        connection.Identity = UnixPeer.IdentityOf(context.Features.Get<IConnectionSocketFeature>()?.Socket);
        return bans.IsBannedByIdentity(connection) ? Task.CompletedTask : next(context);
    });

    /// <summary>Serves a TCP connection.</summary>
    public Task RunTcpAsync(ConnectionContext context, TransportChoice transports) => RunAsync(context, async connection =>
    {
        if (bans.IsBanned(connection))
        {
            return;
        }

        try
        {
            if (await AdmitAsync(context, connection) is { } first)
            {
                await transports.RunAsync(context, connection, first);
            }
        }
        finally
        {
            CountIfRefused(connection);
        }
    });

    /// <summary>
    /// Counts the connection to its client's address and reads its first byte; null if the connection was refused or has ended.
    /// </summary>
    /// <remarks>
    /// An address counts from the accept on, so that its limit holds for silent connections, too. Behind a trusted proxy it counts from the
    /// PROXY header on.
    /// </remarks>
    private async Task<byte?> AdmitAsync(ConnectionContext context, Connection connection)
    {
        if (_proxies.Contain(connection.RemoteEndPoint))
        {
            var mark = await ReadFirstByteAsync(context, connection);
            var first = mark is { } value && ProxyHeader.BeginsWith(value) ? await ReadPastHeaderAsync(context, connection) : mark;
            return first is not null && registry.TryAdmitAddress(connection) ? first : null;
        }

        if (!registry.TryAdmitAddress(connection) || await ReadFirstByteAsync(context, connection) is not { } byteOfClient)
        {
            return null;
        }

        if (ProxyHeader.BeginsWith(byteOfClient))
        {
            connection.EndWith(CloseReason.BadProxyHeader);
            return null;
        }

        return byteOfClient;
    }

    private async Task<byte?> ReadPastHeaderAsync(ConnectionContext context, Connection connection) =>
        await TrustedProxies.TryReadHeaderAsync(context.Transport.Input, connection) && !bans.IsBanned(connection)
            ? await ReadFirstByteAsync(context, connection)
            : null;

    // A client that closes without sending a byte, as a port check does, has tried no handshake. The same holds for a client that a limit
    // or the ban of its address has refused.
    private void CountIfRefused(Connection connection)
    {
        var tried = connection.Transport != ConnectionTransport.Undecided || connection.CloseReason
            is CloseReason.BadMagic or CloseReason.BadProxyHeader or CloseReason.HandshakeRefused or CloseReason.HandshakeTimedOut;
        if (tried && !connection.Established)
        {
            metrics.Handshake(good: false);
        }
    }

    private async Task RunAsync(ConnectionContext context, Func<Connection, Task> next)
    {
        if (!registry.TryOpen(context, out var connection))
        {
            Log.ConnectionEnded(logger, connection.Id, connection.RemoteEndPoint, connection.CloseReason.ToName());
            return;
        }

        context.Features.Set(connection);
        using var scope = logger.BeginScope(new ConnectionScope(connection));
        try
        {
            await next(connection);
        }
        catch (Exception e) when (connection.Aborted || e is IOException or OperationCanceledException or SocketException
            or ConnectionAbortedException)
        {
            connection.EndWith(IsSilent(e) ? CloseReason.Dead : connection.ReasonIfLost);
        }
#pragma warning disable CA1031 // A connection's fault must not end the server, and must be counted.
        catch (Exception e)
#pragma warning restore CA1031
        {
            connection.EndWith(CloseReason.ServerError);
            errors.Add(ErrorKinds.Server, connection, CloseReason.ServerError.ToText());
            Log.ConnectionFailed(logger, e, connection.Id, connection.RemoteEndPoint);
        }
        finally
        {
            connection.EndWith(CloseReason.ClientLeft);
            connection.Request.Close();
            await connection.CloseSocketAsync();
            registry.Close(connection);
            Log.ConnectionEnded(logger, connection.Id, connection.RemoteEndPoint, connection.CloseReason.ToName());
        }
    }

    private static async Task<byte?> ReadFirstByteAsync(ConnectionContext context, Connection connection)
    {
        var input = context.Transport.Input;
        var result = await input.ReadAsync();
        var first = result.Buffer.IsEmpty ? (byte?)null : result.Buffer.FirstSpan[0];
        input.AdvanceTo(result.Buffer.Start);
        if (first is null)
        {
            connection.EndWith(CloseReason.ClientLeft);
        }

        return first;
    }

    // TCP keep-alive, or a retransmission, got no answer from the client's host.
    private static bool IsSilent(Exception e) =>
        e is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable }
        || (e.InnerException is { } inner && IsSilent(inner));
}
