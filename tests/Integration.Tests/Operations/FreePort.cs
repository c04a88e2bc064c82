using System.Net;
using System.Net.Sockets;

namespace Integration.Tests.Operations;

/// <summary>A port that nobody has now, for what must know it before it starts.</summary>
internal static class FreePort
{
    public static int Take()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
