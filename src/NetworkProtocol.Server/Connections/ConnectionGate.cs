using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Packets;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Proxy;
using NetworkProtocol.Server.Transport;

namespace NetworkProtocol.Server.Connections;

/// <summary>
/// The outermost middleware: admits a connection, learns who it is and which transport it speaks, and always
/// unregisters it with a reason.
/// </summary>
internal sealed class ConnectionGate(
    ConnectionRegistry registry,
    BanList bans,
    ServerMetrics metrics,
    ErrorLog errors,
    IOptions<ServerOptions> options,
    ILogger<ConnectionGate> logger)
{
    private const byte TlsHandshakeRecord = 0x16;

    private readonly IPNetwork[] _trusted = [.. options.Value.TrustedProxies.Select(cidr => IPNetwork.Parse(cidr))];

    /// <summary>A Unix socket's connections: file permissions have let them in.</summary>
    public Task RunLocalAsync(ConnectionContext context, ConnectionDelegate next) => RunAsync(context, connection =>
    {
        connection.Transport = ConnectionTransport.Local;
        connection.Identity = UnixPeer.IdentityOf(context.Features.Get<IConnectionSocketFeature>()?.Socket);
        return bans.IsBannedByIdentity(connection) ? Task.CompletedTask : next(context);
    });

    /// <summary>TCP connections.</summary>
    public Task RunTcpAsync(ConnectionContext context, TlsMode mode, ConnectionDelegate tls, ConnectionDelegate plain) =>
        RunAsync(context, async connection =>
        {
            if (bans.IsBanned(connection))
            {
                return;
            }

            try
            {
                await AdmitAsync(context, connection, mode, tls, plain);
            }
            finally
            {
                CountIfRefused(connection);
            }
        });

    // An address counts from the accept on, so that silence has its limit, too; behind a trusted proxy from its header on.
    private Task AdmitAsync(
        ConnectionContext context, Connection connection, TlsMode mode, ConnectionDelegate tls, ConnectionDelegate plain) =>
        IsTrusted(connection.RemoteEndPoint)
            ? AdmitFromProxyAsync(context, connection, mode, tls, plain)
            : AdmitClientAsync(context, connection, mode, tls, plain);

    private async Task AdmitClientAsync(
        ConnectionContext context, Connection connection, TlsMode mode, ConnectionDelegate tls, ConnectionDelegate plain)
    {
        if (!registry.TryAdmitAddress(connection) || await ReadFirstByteAsync(context, connection) is not { } first)
        {
            return;
        }

        if (IsProxyHeader(first))
        {
            connection.EndWith(CloseReason.BadProxyHeader);
            return;
        }

        await ChooseAsync(context, connection, first, mode, tls, plain);
    }

    private async Task AdmitFromProxyAsync(
        ConnectionContext context, Connection connection, TlsMode mode, ConnectionDelegate tls, ConnectionDelegate plain)
    {
        var first = await ReadFirstByteAsync(context, connection);
        if (first is { } mark && IsProxyHeader(mark))
        {
            first = await ReadProxyHeaderAsync(context, connection);
        }

        if (first is { } value && registry.TryAdmitAddress(connection))
        {
            await ChooseAsync(context, connection, value, mode, tls, plain);
        }
    }

    private static bool IsProxyHeader(byte first) => first is ProxyHeader.FirstByteV1 or ProxyHeader.FirstByteV2;

    // One that says nothing and leaves, as a port check does, has tried no handshake; nor has one that a limit or an address's ban turned away.
    private void CountIfRefused(Connection connection)
    {
        var tried = connection.Transport != ConnectionTransport.Undecided || connection.CloseReason
            is CloseReason.BadMagic or CloseReason.BadProxyHeader or CloseReason.HandshakeRefused or CloseReason.HandshakeTimedOut;
        if (tried && !connection.Established)
        {
            metrics.Handshake(good: false);
        }
    }

    private static async Task ChooseAsync(
        ConnectionContext context, Connection connection, byte first, TlsMode mode, ConnectionDelegate tls, ConnectionDelegate plain)
    {
        if (first == TlsHandshakeRecord && mode != TlsMode.Disabled)
        {
            connection.Transport = ConnectionTransport.Tls;
            await RunTlsAsync(context, connection, tls);
        }
        else if (first == PacketHeader.Magic[0] && mode != TlsMode.Required)
        {
            connection.Transport = ConnectionTransport.Secure;
            await plain(context);
        }
        else
        {
            connection.EndWith(first == PacketHeader.Magic[0] ? CloseReason.HandshakeRefused : CloseReason.BadMagic);
        }
    }

    private static async Task RunTlsAsync(ConnectionContext context, Connection connection, ConnectionDelegate tls)
    {
        if (context.Features.Get<IMemoryPoolFeature>()?.MemoryPool is LargeBlockPool pool)
        {
            context.Features.Set<IMemoryPoolFeature>(new TlsMemory(pool.Small));
        }

        try
        {
            await tls(context);
        }
#pragma warning disable CA1031 // Whatever TLS makes of bytes that are not TLS is the client's fault, and no fault of the server.
        catch (Exception) when (!connection.IsPastTls)
#pragma warning restore CA1031
        {
            // The reason is the same as where Kestrel ends a handshake by not going on.
        }

        if (!connection.IsPastTls)
        {
            connection.EndWith(CloseReason.TlsFailed);
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
        catch (Exception e) when (connection.Aborted || e is IOException or OperationCanceledException or SocketException or ConnectionAbortedException)
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

    // The system has asked the client's, and had no answer.
    private static bool IsSilent(Exception e) =>
        e is SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable }
        || (e.InnerException is { } inner && IsSilent(inner));

    private async Task<byte?> ReadProxyHeaderAsync(ConnectionContext context, Connection connection)
    {
        var (isValid, client) = await ProxyHeaderReader.ReadAsync(context.Transport.Input);
        if (!isValid)
        {
            connection.EndWith(CloseReason.BadProxyHeader);
            return null;
        }

        if (client is not null)
        {
            connection.ProxyEndPoint = connection.RemoteEndPoint;
            connection.RemoteEndPoint = client;
        }

        return bans.IsBanned(connection) ? null : await ReadFirstByteAsync(context, connection);
    }

    private bool IsTrusted(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return false;
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_trusted, network => network.Contains(plain));
    }

    private sealed record TlsMemory(MemoryPool<byte> MemoryPool) : IMemoryPoolFeature;
}
