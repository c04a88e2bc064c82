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
    /// Connections that may wait until they are accepted: the default limit of Linux (<c>net.core.somaxconn</c>). Kestrel's default of 512
    /// is too low when all clients of a server connect again within a second, after the server was down.
    /// </summary>
    private const int Backlog = 4096;

    /// <summary>
    /// Bytes that are read ahead of the messages that a connection answers. A client that sends without reading costs no more than these.
    /// While the loop waits for a larger packet, Kestrel reads on.
    /// </summary>
    private const int MaxReadAhead = 16 * 1024;

    /// <summary>Bytes that may wait for the socket before a flush waits, too.</summary>
    private const int MaxUnsent = 16 * 1024;

    /// <summary>Creates a transport over sockets, or in memory for a test that uses <see cref="InMemoryTransport"/>.</summary>
    /// <param name="loggers">For the transport's log.</param>
    /// <param name="memory">The transport in memory, or null.</param>
    /// <param name="heartbeat">The interval of TCP keep-alive.</param>
    /// <param name="settingOf">Returns the key of the setting that has the path of a Unix socket.</param>
    public static IConnectionListenerFactory Create(
        ILoggerFactory loggers, InMemoryTransport? memory, TimeSpan heartbeat, Func<string, string> settingOf) =>
        memory is null ? CreateSockets(loggers, heartbeat, settingOf) : new MemoryFactory(memory);

    private static IConnectionListenerFactory CreateSockets(
        ILoggerFactory loggers, TimeSpan heartbeat, Func<string, string> settingOf)
    {
        // The transport takes its memory pool from its container. It has a container of its own, so that the program's HTTP keeps its pool.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(transport => Configure(transport, heartbeat, settingOf));
        var kestrels = builder.Services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>)).ImplementationFactory!;
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(services =>
            new LargeBlockPoolFactory((IMemoryPoolFactory<byte>)kestrels(services)));
        return builder.Build().Services.GetRequiredService<IConnectionListenerFactory>();
    }

    private static void Configure(SocketTransportOptions transport, TimeSpan heartbeat, Func<string, string> settingOf)
    {
        transport.UnsafePreferInlineScheduling = true; // safe, because HandlerThread runs handlers on other threads
        transport.Backlog = Backlog;
        transport.MaxReadBufferSize = MaxReadAhead;
        transport.MaxWriteBufferSize = MaxUnsent;
        transport.CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint local
            ? LocalSocket.Bind(local, settingOf(local.ToString()!))
            : KeepAlive(ListenSocket.Bind(endPoint, $"{ServerOptions.Section}:{nameof(ServerOptions.Listen)}"), heartbeat);
    }

    // The server sends no Ping to a TLS client that has sent none, so TCP keep-alive has to find out whether such a client is still
    // connected. On Linux an accepted connection has the options of its listener.
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
