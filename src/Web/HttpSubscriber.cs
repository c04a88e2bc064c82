using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>The HTTP connections of one subscriber: of an IPv4 address or an IPv6 /64.</summary>
internal sealed class HttpSubscriber(Networks networks, HttpNetwork site, HttpNetwork provider)
{
    public Networks Networks => networks;

    public HttpNetwork Site => site;

    public HttpNetwork Provider => provider;

    /// <summary>The connections, the oldest first.</summary>
    public LinkedList<ConnectionContext> Held { get; } = [];

    /// <summary>
    /// The order in which subscribers lose connections, the highest first. The widest network counts first, because an attacker who
    /// controls it also controls all networks in it.
    /// </summary>
    public (int, int, int) Rank => (provider.Count, site.Count, Held.Count);

    public void Add(ConnectionContext connection)
    {
        Held.AddLast(connection);
        site.Count++;
        provider.Count++;
    }

    /// <returns>Whether the connection was in the list.</returns>
    public bool Remove(ConnectionContext connection)
    {
        var wasThere = Held.Remove(connection);
        site.Count -= wasThere ? 1 : 0;
        provider.Count -= wasThere ? 1 : 0;
        return wasThere;
    }
}
