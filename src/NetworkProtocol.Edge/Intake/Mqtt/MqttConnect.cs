using System.Security.Cryptography;
using System.Text;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>Judges the CONNECT of a client, and makes the CONNACK that says what the edge offers.</summary>
internal static class MqttConnect
{
    /// <summary>The longest client identifier. The edge keeps it in memory and writes it to the log.</summary>
    public const int MaxClientIdBytes = 256;

    /// <summary>How long a session lasts for a client that wants to keep one. Nothing is kept, but MQTTnet cannot send 0.</summary>
    private const uint SessionExpirySeconds = 1;

    /// <summary>Why the edge refuses the client; null if it accepts the client.</summary>
    public static (MqttConnectReasonCode Code, string Reason)? Judge(
        MqttConnectPacket connect, MqttProtocolVersion version, EdgeMqttOptions options)
    {
        if (version is not (MqttProtocolVersion.V311 or MqttProtocolVersion.V500))
        {
            return (MqttConnectReasonCode.UnsupportedProtocolVersion, "MQTT 3.1.1 and MQTT 5 are offered");
        }

        if (Encoding.UTF8.GetByteCount(connect.ClientId) > MaxClientIdBytes || connect.ClientId.Any(char.IsControl))
        {
            return (MqttConnectReasonCode.ClientIdentifierNotValid, "The client identifier is too long or has control characters");
        }

        if (connect.ClientId.Length == 0 && !connect.CleanSession && version == MqttProtocolVersion.V311)
        {
            return (MqttConnectReasonCode.ClientIdentifierNotValid, "A client without an identifier has to ask for a clean session");
        }

        if (!IsKnown(connect, options))
        {
            return (MqttConnectReasonCode.BadUserNameOrPassword, "The user name or the password is wrong");
        }

        if (!string.IsNullOrEmpty(connect.AuthenticationMethod))
        {
            return (MqttConnectReasonCode.BadAuthenticationMethod, "No enhanced authentication is offered");
        }

        return connect.WillFlag ? JudgeWill(connect) : null;
    }

    public static MqttConnAckPacket Accept(MqttConnectPacket connect, string clientId, TimeSpan keepAlive) => new()
    {
        ReasonCode = MqttConnectReasonCode.Success,
        ReturnCode = MqttConnectReturnCode.ConnectionAccepted,
        AssignedClientIdentifier = connect.ClientId.Length == 0 ? clientId : null,
        MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce,
        MaximumPacketSize = MqttServices.MaxPacketBytes,
        ReceiveMaximum = MqttConnection.MaxBatch,
        RetainAvailable = false,
        SharedSubscriptionAvailable = false,
        SubscriptionIdentifiersAvailable = false,
        WildcardSubscriptionAvailable = false,
        SessionExpiryInterval = connect.SessionExpiryInterval > 0 ? SessionExpirySeconds : 0,
        ServerKeepAlive = keepAlive.TotalSeconds == connect.KeepAlivePeriod ? (ushort)0 : (ushort)keepAlive.TotalSeconds,
    };

    /// <summary>
    /// The refusal; null if MQTT 3.1.1 has no return code for it: the connection is to be closed then without CONNACK (MQTT-3.2.2-6).
    /// </summary>
    public static MqttConnAckPacket? Refuse(MqttConnectReasonCode code, string reason, MqttProtocolVersion version)
    {
        var returnCode = code switch
        {
            MqttConnectReasonCode.UnsupportedProtocolVersion => MqttConnectReturnCode.ConnectionRefusedUnacceptableProtocolVersion,
            MqttConnectReasonCode.ClientIdentifierNotValid => MqttConnectReturnCode.ConnectionRefusedIdentifierRejected,
            MqttConnectReasonCode.BadUserNameOrPassword => MqttConnectReturnCode.ConnectionRefusedBadUsernameOrPassword,
            _ => MqttConnectReturnCode.ConnectionAccepted,
        };
        return version != MqttProtocolVersion.V500 && returnCode == MqttConnectReturnCode.ConnectionAccepted
            ? null
            : new MqttConnAckPacket
            {
                ReasonCode = code,
                ReturnCode = returnCode,
                ReasonString = reason,
                MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce,
            };
    }

    /// <summary>How long a client may be silent before it is judged: the client's own keep alive, or the edge's.</summary>
    public static TimeSpan KeepAliveOf(MqttConnectPacket connect, MqttProtocolVersion version, EdgeMqttOptions options)
    {
        var asked = TimeSpan.FromSeconds(connect.KeepAlivePeriod);

        // A client of MQTT 3.1.1 cannot be told a shorter time than it has asked for.
        return asked == TimeSpan.Zero || (version == MqttProtocolVersion.V500 && asked > options.KeepAlive) ? options.KeepAlive : asked;
    }

    /// <summary>
    /// Whether a client of MQTT 3.1.1 wants to keep a session and has no identifier. MQTTnet does not decode such a CONNECT, and the
    /// specification wants an answer to it (MQTT-3.1.3-8).
    /// </summary>
    public static bool IsSessionWithoutName(ReadOnlySpan<byte> connect, MqttProtocolVersion version) =>
        version == MqttProtocolVersion.V311 && connect.Length >= 12 && (connect[7] & 2) == 0 && connect[10..12] is [0, 0];

    private static (MqttConnectReasonCode Code, string Reason) JudgeWill(MqttConnectPacket connect) =>
        connect.WillRetain ? (MqttConnectReasonCode.RetainNotSupported, "No retained messages are offered")
        : connect.WillQoS > MqttQualityOfServiceLevel.AtLeastOnce ? (MqttConnectReasonCode.QoSNotSupported, "QoS 2 is not offered")
        : (MqttConnectReasonCode.ImplementationSpecificError, "No will messages are offered");

    private static bool IsKnown(MqttConnectPacket connect, EdgeMqttOptions options) =>
        options.Username.Length == 0
        || (Equal(Encoding.UTF8.GetBytes(connect.Username ?? ""), options.Username) & Equal(connect.Password ?? [], options.Password));

    // Hashes have one length, so that the time says nothing about the secret's.
    private static bool Equal(byte[] sent, string expected) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(sent), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
