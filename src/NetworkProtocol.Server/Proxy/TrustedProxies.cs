using System.IO.Pipelines;
using System.Net;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Proxy;

/// <summary>The proxies whose PROXY header the server believes (<see cref="ServerOptions.TrustedProxies"/>).</summary>
internal sealed class TrustedProxies(IEnumerable<string> networks)
{
    private readonly IPNetwork[] _networks = [.. networks.Select(cidr => IPNetwork.Parse(cidr))];

    public bool Contain(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
        {
            return false;
        }

        var plain = ClientAddress.Plain(address);
        return Array.Exists(_networks, network => network.Contains(plain));
    }

    /// <summary>
    /// Reads the header of a connection from a trusted proxy and takes the client's address from it; false if the header is invalid, and
    /// then the connection has its reason to end.
    /// </summary>
    public static async Task<bool> TryReadHeaderAsync(PipeReader input, Connection connection)
    {
        var (isValid, client) = await ProxyHeaderReader.ReadAsync(input);
        if (!isValid)
        {
            connection.EndWith(CloseReason.BadProxyHeader);
            return false;
        }

        if (client is not null)
        {
            connection.ProxyEndPoint = connection.RemoteEndPoint;
            connection.RemoteEndPoint = client;
        }

        return true;
    }
}
