using MQTTnet.Protocol;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>Why a connection of MQTT ends. MQTT 5 tells the client; MQTT 3.1.1 can only close the connection.</summary>
/// <param name="Code">The reason code of MQTT 5; null: the connection ends without a word.</param>
/// <param name="Reason">The reason in plain words.</param>
internal sealed record MqttRefusal(MqttDisconnectReasonCode? Code, string Reason)
{
    /// <summary>The client has said that it leaves.</summary>
    public static MqttRefusal Left { get; } = new(null, "The client has disconnected");

    public static MqttRefusal Malformed(string reason) => new(MqttDisconnectReasonCode.MalformedPacket, reason);

    public static MqttRefusal Protocol(string reason) => new(MqttDisconnectReasonCode.ProtocolError, reason);
}
