using MQTTnet.Packets;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>What a packet of a client leads to.</summary>
/// <param name="Packet">The answer; null: none.</param>
/// <param name="End">Why the connection ends; null if it does not.</param>
internal sealed record MqttAnswer(MqttPacket? Packet, MqttRefusal? End = null)
{
    /// <summary>Nothing, as for a message with QoS 0.</summary>
    public static MqttAnswer None { get; } = new((MqttPacket?)null);
}
