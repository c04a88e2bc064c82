using System.Net;
using Microsoft.AspNetCore.Connections;

namespace NetworkProtocol.Web;

/// <summary>
/// Bounds the connections of port 8080. When there are as many as there may be, the address that has the most gives up its oldest for a
/// newcomer from another: strangers who hold connections keep neither probes nor operators out.
/// </summary>
/// <param name="limit">How many there may be.</param>
internal sealed class HttpConnections(int limit)
{
    private readonly Dictionary<string, LinkedList<ConnectionContext>> _perAddress = [];
    private readonly Lock _lock = new();
    private int _count;

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "";
        if (!TryEnter(connection, address, out var displaced))
        {
            connection.Abort();
            return;
        }

        displaced?.Abort(new ConnectionAbortedException("Another address needed the place."));
        try
        {
            await next(connection);
        }
        finally
        {
            Leave(connection, address);
        }
    }

    private bool TryEnter(ConnectionContext connection, string address, out ConnectionContext? displaced)
    {
        lock (_lock)
        {
            displaced = null;
            var own = _perAddress.GetValueOrDefault(address);
            if (_count >= limit)
            {
                var (largest, held) = _perAddress.MaxBy(entry => entry.Value.Count);
                if (held.Count <= (own?.Count ?? 0))
                {
                    return false;
                }

                displaced = held.First!.Value;
                Remove(displaced, largest);
            }

            if (!_perAddress.TryGetValue(address, out own))
            {
                _perAddress[address] = own = [];
            }

            own.AddLast(connection);
            _count++;
            return true;
        }
    }

    private void Leave(ConnectionContext connection, string address)
    {
        lock (_lock)
        {
            Remove(connection, address);
        }
    }

    private void Remove(ConnectionContext connection, string address)
    {
        if (!_perAddress.TryGetValue(address, out var held) || !held.Remove(connection))
        {
            return; // it was displaced
        }

        _count--;
        if (held.Count == 0)
        {
            _perAddress.Remove(address);
        }
    }
}
