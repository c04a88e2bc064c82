using System.Net;
using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>The log messages of the listener for MQTT.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(520, LogLevel.Information, "Sensors can publish with MQTT at {EndPoint}", EventName = "EdgeMqttStarted")]
    public static partial void Started(ILogger logger, EndPoint endPoint);

    [LoggerMessage(521, LogLevel.Information, "A client of MQTT at {EndPoint} was refused: {Reason}", EventName = "EdgeMqttRefused")]
    public static partial void Refused(ILogger logger, EndPoint? endPoint, string reason);

    [LoggerMessage(
        522, LogLevel.Information, "The connection of the MQTT client {Client} at {EndPoint} ends: {Reason}", EventName = "EdgeMqttEnded")]
    public static partial void Ended(ILogger logger, string client, EndPoint? endPoint, string reason);
}
