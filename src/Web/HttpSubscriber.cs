using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>Whoever holds connections of port 8080: an IPv4 address or an IPv6 /64.</summary>
internal sealed class HttpSubscriber(Networks networks, HttpNetwork site, HttpNetwork provider)
{
    public Networks Networks => networks;

    public HttpNetwork Site => site;

    public HttpNetwork Provider => provider;

    /// <summary>The oldest first.</summary>
    public LinkedList<ConnectionContext> Held { get; } = [];

    /// <summary>As for sign-ins, the widest network counts first: a stranger who has all of it has all that is in it.</summary>
    public (int, int, int) Rank => (provider.Count, site.Count, Held.Count);

    public void Add(ConnectionContext connection)
    {
        Held.AddLast(connection);
        site.Count++;
        provider.Count++;
    }

    /// <returns>Whether it was there.</returns>
    public bool Remove(ConnectionContext connection)
    {
        var wasThere = Held.Remove(connection);
        site.Count -= wasThere ? 1 : 0;
        provider.Count -= wasThere ? 1 : 0;
        return wasThere;
    }
}

/// <summary>A network of subscribers.</summary>
internal sealed class HttpNetwork
{
    /// <summary>How many connections come from it.</summary>
    public int Count { get; set; }
}
