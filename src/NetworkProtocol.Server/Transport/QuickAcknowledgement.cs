using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Has Linux acknowledge at once what a client has sent (tcp(7), TCP_QUICKACK). A client with Nagle's algorithm on holds back its first
/// request until its Confirm is acknowledged. The option sends one acknowledgement that is due, and does not last.
/// </summary>
internal static class QuickAcknowledgement
{
    private const int QuickAck = 12; // TCP_QUICKACK

    public static void Request(ConnectionContext context)
    {
        if (OperatingSystem.IsLinux() && context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            try
            {
                socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, QuickAck, BitConverter.GetBytes(1));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The connection has just ended.
            }
        }
    }
}
