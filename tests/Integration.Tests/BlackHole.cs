using System.Net;
using System.Net.Sockets;

namespace Integration.Tests;

/// <summary>
/// An address that neither accepts nor refuses connections. Its queue is full, so the kernel drops each connection's first packet.
/// </summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener;
    private readonly Socket _waiting;

    public BlackHole(IPEndPoint endPoint)
    {
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _waiting = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(endPoint);
        _listener.Listen(0); // one connection may wait even so
        _waiting.Connect(endPoint);
    }

    public void Dispose()
    {
        _waiting.Dispose();
        _listener.Dispose();
    }
}
