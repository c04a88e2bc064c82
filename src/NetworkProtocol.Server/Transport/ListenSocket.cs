using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace NetworkProtocol.Server.Transport;

/// <summary>Opens a listening address. An error names the setting of the address, and says what to do.</summary>
internal static class ListenSocket
{
    /// <summary>Binds a socket as Kestrel does.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="key">The key of the address's setting, for the error.</param>
    /// <exception cref="IOException">The address cannot be opened.</exception>
    public static Socket Bind(EndPoint endPoint, string key)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (SocketException e)
        {
            throw new IOException($"{key} = {endPoint}: {Explain(e)}", e);
        }
    }

    private static string Explain(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "address already in use: another program listens there (ss -ltnp shows which); stop it, or set another address or port",
        SocketError.AddressNotAvailable =>
            "no network interface of this machine has this address (ip address shows those that there are); set one of them, or 0.0.0.0 "
            + "for all",
        SocketError.AccessDenied =>
            "permission denied: ports below 1024 are for root and programs with CAP_NET_BIND_SERVICE; set a higher port, or give the "
            + "program this capability",
        SocketError.AddressFamilyNotSupported => "this machine has no IPv6; set an IPv4 address",
        _ => e.Message,
    };
}
