using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Server.Transport;

/// <summary>Kestrel's socket transport, tuned for the protocol's endpoints alone.</summary>
internal static class ProtocolTransport
{
    /// <summary>
    /// Connections that may wait until they are accepted: what Linux allows unless told otherwise (<c>net.core.somaxconn</c>). Kestrel's
    /// 512 are few when all clients of a server that was away come back in one second.
    /// </summary>
    private const int Backlog = 4096;

    /// <summary>Sockets, or memory alone where a test has asked for that.</summary>
    public static IConnectionListenerFactory Create(ILoggerFactory loggers, InMemoryTransport? memory) =>
        memory is null ? CreateSockets(loggers) : new MemoryFactory(memory);

    private static IConnectionListenerFactory CreateSockets(ILoggerFactory loggers)
    {
        // A container of its own, because the transport takes its memory pool from one, and the program's HTTP keeps its pool.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseSockets(Configure);
        var kestrels = builder.Services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>)).ImplementationFactory!;
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(services =>
            new LargeBlockPoolFactory((IMemoryPoolFactory<byte>)kestrels(services)));
        return builder.Build().Services.GetRequiredService<IConnectionListenerFactory>();
    }

    private static void Configure(SocketTransportOptions transport)
    {
        transport.UnsafePreferInlineScheduling = true; // safe: the dispatcher runs handlers elsewhere
        transport.Backlog = Backlog;
        transport.CreateBoundListenSocket = endPoint => endPoint is UnixDomainSocketEndPoint local
            ? LocalSocket.Bind(local)
            : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
    }

    private sealed class MemoryFactory(InMemoryTransport memory) : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            new(memory.Bind((InMemoryEndPoint)endpoint));
    }
}
