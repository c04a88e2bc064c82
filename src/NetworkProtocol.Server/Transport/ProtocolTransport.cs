using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Transport;

/// <summary>Kestrel's socket transport, tuned for the protocol's endpoints alone.</summary>
internal static class ProtocolTransport
{
    /// <summary>
    /// Connections that may wait until they are accepted: what Linux allows unless told otherwise (<c>net.core.somaxconn</c>). Kestrel's
    /// 512 are few when all clients of a server that was away come back in one second.
    /// </summary>
    private const int Backlog = 4096;

    /// <summary>
    /// Bytes that are read ahead of what a connection answers; a client that sends without reading costs no more than these. A larger
    /// packet is read on while it is waited for.
    /// </summary>
    private const int MaxReadAhead = 16 * 1024;

    /// <summary>Bytes that wait for the socket before a flush waits for them.</summary>
    private const int MaxUnsent = 16 * 1024;

    /// <summary>Sockets, or memory alone where a test has asked for that.</summary>
    public static IConnectionListenerFactory Create(ILoggerFactory loggers, InMemoryTransport? memory, TimeSpan heartbeat) =>
        memory is null ? CreateSockets(loggers, heartbeat) : new MemoryFactory(memory);

    private static IConnectionListenerFactory CreateSockets(ILoggerFactory loggers, TimeSpan heartbeat)
    {
        // A container of its own, because the transport takes its memory pool from one, and the program's HTTP keeps its pool.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(transport => Configure(transport, heartbeat));
        var kestrels = builder.Services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>)).ImplementationFactory!;
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(services =>
            new LargeBlockPoolFactory((IMemoryPoolFactory<byte>)kestrels(services)));
        return builder.Build().Services.GetRequiredService<IConnectionListenerFactory>();
    }

    private static void Configure(SocketTransportOptions transport, TimeSpan heartbeat)
    {
        transport.UnsafePreferInlineScheduling = true; // safe: CommandRunner runs handlers elsewhere
        transport.Backlog = Backlog;
        transport.MaxReadBufferSize = MaxReadAhead;
        transport.MaxWriteBufferSize = MaxUnsent;
        transport.CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint local
            ? LocalSocket.Bind(local)
            : KeepAlive(ListenSocket.Bind(endPoint, $"{ServerOptions.Section}:{nameof(ServerOptions.Listen)}"), heartbeat);
    }

    // A TLS client that has sent no Ping is sent none, so the system has to find out whether it is still there. Linux gives an accepted
    // connection the options of its listener.
    private static Socket KeepAlive(Socket listener, TimeSpan heartbeat)
    {
        if (listener.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
        {
            var seconds = Math.Max(1, (int)heartbeat.TotalSeconds);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
            listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
            listener.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, ConnectionSweeper.DeadIntervals - 1);
        }

        return listener;
    }

    private sealed class MemoryFactory(InMemoryTransport memory) : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            new(memory.Bind((InMemoryEndPoint)endpoint));
    }
}
