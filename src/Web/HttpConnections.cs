using System.Net;
using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web;

/// <summary>
/// Limits the connections of the HTTP port. When the limit is reached, a new connection from a network with fewer connections displaces the
/// oldest connection of the network with the most. So strangers who hold connections open cannot keep probes and operators out, however
/// many addresses they have.
/// </summary>
/// <param name="limit">The limit of connections.</param>
internal sealed class HttpConnections(int limit)
{
    private readonly Dictionary<string, HttpSubscriber> _subscribers = [];
    private readonly Dictionary<string, HttpNetwork> _sites = [];
    private readonly Dictionary<string, HttpNetwork> _providers = [];
    private readonly Lock _lock = new();
    private int _count;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!TryEnter(connection, Networks.Of((connection.RemoteEndPoint as IPEndPoint)?.Address), out var subscriber, out var displaced))
        {
            connection.Abort();
            return;
        }

        displaced?.Abort(new ConnectionAbortedException("Another network needed the place."));
        try
        {
            await next(connection);
        }
        finally
        {
            // Kestrel sends the remaining bytes before it closes the socket, and a client that does not read can keep the socket open for
            // long. The connection counts until the socket is closed, and can be displaced.
            await connection.DisposeAsync();
            lock (_lock)
            {
                Remove(connection, subscriber);
            }
        }
    }

    private bool TryEnter(ConnectionContext connection, Networks networks, out HttpSubscriber subscriber, out ConnectionContext? displaced)
    {
        lock (_lock)
        {
            displaced = null;
            subscriber = _subscribers.GetValueOrDefault(networks.Narrow)
                ?? new HttpSubscriber(networks, Network(_sites, networks.Middle), Network(_providers, networks.Wide));
            if (_count >= limit)
            {
                var largest = _subscribers.Values.MaxBy(other => other.Rank)!;
                if (largest.Rank.CompareTo(subscriber.Rank) <= 0)
                {
                    return false;
                }

                displaced = largest.Held.First!.Value;
                Remove(displaced, largest);
            }

            Add(connection, subscriber);
            return true;
        }
    }

    private static HttpNetwork Network(Dictionary<string, HttpNetwork> networks, string key) =>
        networks.GetValueOrDefault(key) ?? new HttpNetwork();

    private void Add(ConnectionContext connection, HttpSubscriber subscriber)
    {
        subscriber.Add(connection);
        var networks = subscriber.Networks;
        _subscribers[networks.Narrow] = subscriber;
        _sites[networks.Middle] = subscriber.Site;
        _providers[networks.Wide] = subscriber.Provider;
        _count++;
    }

    private void Remove(ConnectionContext connection, HttpSubscriber subscriber)
    {
        if (!subscriber.Remove(connection))
        {
            return; // the connection was displaced
        }

        _count--;
        var networks = subscriber.Networks;
        RemoveIf(subscriber.Held.Count == 0, _subscribers, networks.Narrow);
        RemoveIf(subscriber.Site.Count == 0, _sites, networks.Middle);
        RemoveIf(subscriber.Provider.Count == 0, _providers, networks.Wide);
    }

    private static void RemoveIf<T>(bool isEmpty, Dictionary<string, T> all, string key)
    {
        if (isEmpty)
        {
            all.Remove(key);
        }
    }
}
