using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Client.Connections;

/// <summary>The ways to a server: each makes a stream, and none is protected yet.</summary>
internal static class Dialling
{
    /// <summary>As many as the name has addresses, their families in turns (RFC 8305, section 4); one for all else. Never none.</summary>
    public static async Task<IReadOnlyList<Func<CancellationToken, ValueTask<Stream>>>> FindWaysAsync(
        ServerAddress address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        if (options.Dial is { } dial)
        {
            return [token => dial(address, token)];
        }

        if (address.IsUnix)
        {
            return [token => ConnectAsync(new UnixDomainSocketEndPoint(address.UnixPath), ProtocolType.Unspecified, token)];
        }

        var addresses = await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false);
        return addresses.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : [.. InTurns(addresses).Select(ip => Way(new IPEndPoint(ip, address.Port)))];
    }

    // The system has sorted them by what is likely to work (RFC 6724): the first stays first.
    private static IEnumerable<IPAddress> InTurns(IPAddress[] addresses)
    {
        var families = addresses.GroupBy(ip => ip.AddressFamily).Select(family => family.ToArray()).ToArray();
        return Enumerable.Range(0, families.Max(family => family.Length))
            .SelectMany(turn => families.Where(family => turn < family.Length).Select(family => family[turn]));
    }

    private static Func<CancellationToken, ValueTask<Stream>> Way(IPEndPoint endPoint) =>
        token => ConnectAsync(endPoint, ProtocolType.Tcp, token);

    private static async ValueTask<Stream> ConnectAsync(EndPoint endPoint, ProtocolType protocol, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        try
        {
            if (protocol == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
