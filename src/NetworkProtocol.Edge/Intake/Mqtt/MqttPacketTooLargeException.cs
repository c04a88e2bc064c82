namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>A client has announced a packet that is larger than the edge accepts.</summary>
internal sealed class MqttPacketTooLargeException(string message) : Exception(message);
