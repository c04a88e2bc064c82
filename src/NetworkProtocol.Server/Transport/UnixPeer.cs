using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Transport;

/// <summary>Reads from Linux which user's process is at the other end of a Unix socket (unix(7), SO_PEERCRED).</summary>
internal static class UnixPeer
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED

    private const uint NoUser = uint.MaxValue; // the kernel's number for a user that does not exist in this namespace

    /// <summary>struct ucred: the numbers of process, user and group.</summary>
    private const int CredentialsSize = 3 * sizeof(int);

    public static ClientIdentity IdentityOf(Socket? socket)
    {
        if (socket is null || !OperatingSystem.IsLinux())
        {
            return ClientIdentity.None;
        }

        Span<byte> credentials = stackalloc byte[CredentialsSize];
        try
        {
            if (socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) != CredentialsSize)
            {
                return ClientIdentity.None;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return ClientIdentity.None; // the connection has just ended
        }

        var user = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[sizeof(int)..])
            : BinaryPrimitives.ReadUInt32BigEndian(credentials[sizeof(int)..]);
        return user == NoUser
            ? ClientIdentity.None
            : new ClientIdentity(ClientIdentityKind.UnixUser, user.ToString(CultureInfo.InvariantCulture));
    }
}
