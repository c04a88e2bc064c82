using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>What all connections of MQTT share.</summary>
internal sealed class MqttServices(
    MessageBuffer buffer,
    EdgeMetrics metrics,
    MqttMessages messages,
    MqttClients clients,
    IOptions<EdgeOptions> options,
    TimeProvider time,
    ILoggerFactory loggers)
{
    /// <summary>The largest packet: the largest topic and payload, and 4 KiB for properties of MQTT 5.</summary>
    public const int MaxPacketBytes = Publication.MaxEncodedBytes + 4096;

    public MessageBuffer Buffer => buffer;

    public EdgeMetrics Metrics => metrics;

    public MqttMessages Messages => messages;

    public MqttClients Clients => clients;

    public EdgeOptions Edge => options.Value;

    public EdgeMqttOptions Options => options.Value.Mqtt;

    public TimeProvider Time => time;

    public ILogger Logger { get; } = loggers.CreateLogger<MqttListener>();
}
