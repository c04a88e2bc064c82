using System.Collections.Concurrent;
using MQTTnet.Protocol;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>The clients of MQTT that are connected, by their identifiers. A new client with the same identifier takes its place.</summary>
internal sealed class MqttClients
{
    private static readonly MqttRefusal TakenOver =
        new(MqttDisconnectReasonCode.SessionTakenOver, "Another client has connected with the same client identifier");

    private readonly ConcurrentDictionary<string, MqttConnection> _connections = new(StringComparer.Ordinal);

    public int Count => _connections.Count;

    public void Add(string clientId, MqttConnection connection)
    {
        MqttConnection? earlier = null;
        _connections.AddOrUpdate(
            clientId,
            connection,
            (_, present) =>
            {
                earlier = present;
                return connection;
            });
        earlier?.End(TakenOver);
    }

    public void Remove(string clientId, MqttConnection connection) =>
        _connections.TryRemove(KeyValuePair.Create(clientId, connection));
}
