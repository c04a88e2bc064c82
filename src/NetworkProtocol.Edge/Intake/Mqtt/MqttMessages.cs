using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>Makes the messages of sensors of the PUBLISH packets of MQTT.</summary>
internal sealed class MqttMessages(IOptions<EdgeOptions> options)
{
    private const string LaneProperty = "lane";

    private readonly string[] _alarms = [.. options.Value.Mqtt.AlarmTopics];

    /// <summary>Why a packet ends its connection; null if it does not. The specification calls these errors of the client.</summary>
    public static MqttRefusal? ViolationOf(MqttPublishPacket packet) =>
        packet.QualityOfServiceLevel > MqttQualityOfServiceLevel.ExactlyOnce ? MqttRefusal.Malformed("QoS 3 does not exist")
        : packet is { Dup: true, QualityOfServiceLevel: MqttQualityOfServiceLevel.AtMostOnce }
            ? MqttRefusal.Malformed("A message with QoS 0 cannot be a duplicate")
        : packet.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce
            ? new(MqttDisconnectReasonCode.QoSNotSupported, "QoS 2 is not offered")
        : packet.Retain ? new(MqttDisconnectReasonCode.RetainNotSupported, "No retained messages are offered")
        : packet.TopicAlias > 0 ? new(MqttDisconnectReasonCode.TopicAliasInvalid, "No topic aliases are offered")
        : packet.SubscriptionIdentifiers is { Count: > 0 } ? MqttRefusal.Protocol("A client sends no subscription identifiers with PUBLISH")
        : packet is { PacketIdentifier: 0, QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce }
            ? MqttRefusal.Protocol("The packet identifier is 0")
        : packet.Topic.Length == 0 ? MqttRefusal.Protocol("The topic is empty")
        : packet.Topic.IndexOfAny(['+', '#']) >= 0 ? MqttRefusal.Malformed("A topic has no wildcards")

        // MQTTnet puts this character in the place of bytes that are not UTF-8.
        : packet.Topic.Contains('\uFFFD', StringComparison.Ordinal) ? MqttRefusal.Malformed("The topic is not UTF-8")
        : null;

    /// <summary>The message of a packet. <see cref="Publication.ProblemOf"/> says whether the edge accepts it.</summary>
    public Publication Read(MqttPublishPacket packet) => new(
        packet.Topic,
        packet.Payload.IsSingleSegment ? packet.Payload.First : System.Buffers.BuffersExtensions.ToArray(packet.Payload),
        Lane: LaneOf(packet),
        TimeToLive: packet.MessageExpiryInterval == 0
            ? null
            : TimeSpan.FromSeconds(Math.Min(packet.MessageExpiryInterval, Publication.MaxTimeToLive.TotalSeconds)));

    // A lane that does not exist is no reason to lose a message.
    private Lane LaneOf(MqttPublishPacket packet) =>
        packet.UserProperties?.LastOrDefault(property => property.Name == LaneProperty) is { } property
            ? property.ValueBuffer.Span.SequenceEqual("alarm"u8) ? Lane.Alarm : Lane.Bulk
        : Array.Exists(_alarms, filter => MqttTopicFilterComparer.Compare(packet.Topic, filter) == MqttTopicFilterCompareResult.IsMatch)
            ? Lane.Alarm
            : Lane.Bulk;
}
