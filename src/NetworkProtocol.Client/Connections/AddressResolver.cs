using System.Net;
using System.Net.Sockets;

namespace NetworkProtocol.Client.Connections;

/// <summary>Finds the ways to connect to a server's address. Each way makes a stream without protection.</summary>
internal static class AddressResolver
{
    /// <summary>
    /// Returns one way for each IP address of the name, with IPv6 and IPv4 in turns (RFC 8305, section 4). For a Unix socket and for
    /// <see cref="ConnectionOptions.Dial"/> there is one way. The list is never empty.
    /// </summary>
    /// <exception cref="SocketException">The name is unknown.</exception>
    public static async Task<IReadOnlyList<Func<CancellationToken, ValueTask<Stream>>>> ResolveAsync(
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
            : [.. InTurns(addresses).Select(ip => Dial(new IPEndPoint(ip, address.Port)))];
    }

    // The system sorts the addresses so that those that probably work come first (RFC 6724). The first address stays the first.
    private static IEnumerable<IPAddress> InTurns(IPAddress[] addresses)
    {
        var families = addresses.GroupBy(ip => ip.AddressFamily).Select(family => family.ToArray()).ToArray();
        return Enumerable.Range(0, families.Max(family => family.Length))
            .SelectMany(turn => families.Where(family => turn < family.Length).Select(family => family[turn]));
    }

    private static Func<CancellationToken, ValueTask<Stream>> Dial(IPEndPoint endPoint) =>
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
