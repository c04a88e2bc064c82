using System.Collections;

namespace NetworkProtocol.Server.Connections;

/// <summary>Adds the connection's id and peer to each line that is logged for it.</summary>
internal sealed class ConnectionScope(Connection connection) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 2;

    public KeyValuePair<string, object?> this[int index] => index == 0
        ? new("ConnectionId", connection.Id)
        : new("Peer", connection.RemoteEndPoint);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
        yield return this[1];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
