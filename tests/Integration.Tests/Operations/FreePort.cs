using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Integration.Tests.Operations;

/// <summary>A port that is free now, for programs that need a port number before they start.</summary>
internal static class FreePort
{
    // Below the range of outgoing connections, because an outgoing connection could take the port before the program does.
    private const int First = 15_000;
    private const int Last = 30_000;

    public static int Take()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Another program has the port, so the next one is tried.
            }
        }
    }
}
