using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Integration.Tests.Operations;

/// <summary>A port that nobody has now, for what must be told one before it starts.</summary>
internal static class FreePort
{
    // Below those of outgoing connections: one of them could take it before its program does.
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
                // Somebody has it: another one, then.
            }
        }
    }
}
