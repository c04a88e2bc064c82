using System.Threading.Channels;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>The packets of a client that are answered together. All messages go to the buffer before the first is awaited.</summary>
internal sealed class MqttBatch(MqttServices services, MqttConnectPacket client, bool isVersion5)
{
    /// <summary>A client that takes no packets of this size gets no reasons in words.</summary>
    private const uint MinExplanationBytes = 512;

    private readonly List<Task<MqttAnswer>> _answers = [];
    private readonly Dictionary<ushort, Task<MqttAnswer>> _unacknowledged = [];

    /// <summary>The answers in the order of the packets.</summary>
    public IReadOnlyList<Task<MqttAnswer>> Answers => _answers;

    public void Clear()
    {
        _answers.Clear();
        _unacknowledged.Clear();
    }

    /// <summary>Handles a packet; returns why the connection ends after it, or null.</summary>
    public MqttRefusal? Add(byte header, MqttPacket packet, CancellationToken cancellationToken)
    {
        if (FlagsProblemOf(header) is { } problem)
        {
            return problem;
        }

        switch (packet)
        {
            case MqttPublishPacket publish:
                return AddPublish(publish, cancellationToken);
            case MqttPingReqPacket:
                return Answer(MqttPingRespPacket.Instance);
            case MqttSubscribePacket subscribe:
                return AddSubscribe(subscribe);
            case MqttUnsubscribePacket { PacketIdentifier: > 0, TopicFilters.Count: > 0 } unsubscribe:
                return Answer(new MqttUnsubAckPacket
                {
                    PacketIdentifier = unsubscribe.PacketIdentifier,
                    ReasonCodes = [.. unsubscribe.TopicFilters.Select(_ => MqttUnsubscribeReasonCode.NoSubscriptionExisted)],
                });
            case MqttDisconnectPacket:
                return MqttRefusal.Left;
            default:
                return MqttRefusal.Protocol("The client must not send this packet now");
        }
    }

    /// <summary>The reason in words if the client can take it.</summary>
    public string? Explain(string reason) => client.MaximumPacketSize is 0 or >= MinExplanationBytes ? reason : null;

    private static MqttRefusal? FlagsProblemOf(byte header)
    {
        var expected = (MqttControlPacketType)(header >> 4) switch
        {
            MqttControlPacketType.Publish => header & 0xF,
            MqttControlPacketType.Subscribe or MqttControlPacketType.Unsubscribe or MqttControlPacketType.PubRel => 2,
            _ => 0,
        };
        return (header & 0xF) == expected ? null : MqttRefusal.Malformed("The reserved flags of the packet are wrong");
    }

    private MqttRefusal? Answer(MqttPacket packet)
    {
        _answers.Add(Task.FromResult(new MqttAnswer(packet)));
        return null;
    }

    // The specification of MQTT 5 wants the connection ended for what CONNACK has excluded (3.2.2.3.11 to 3.2.2.3.13).
    private MqttRefusal? AddSubscribe(MqttSubscribePacket subscribe)
    {
        if (subscribe.PacketIdentifier == 0 || subscribe.TopicFilters.Count == 0)
        {
            return MqttRefusal.Protocol("SUBSCRIBE has no packet identifier or no topic filter");
        }

        if (isVersion5)
        {
            var filters = subscribe.TopicFilters.ConvertAll(filter => filter.Topic);
            var (code, reason) =
                filters.Exists(filter => filter.StartsWith("$share/", StringComparison.Ordinal))
                    ? (MqttDisconnectReasonCode.SharedSubscriptionsNotSupported, "No shared subscriptions are offered")
                : subscribe.SubscriptionIdentifier > 0
                    ? (MqttDisconnectReasonCode.SubscriptionIdentifiersNotSupported, "No subscription identifiers are offered")
                : filters.Exists(filter => filter.IndexOfAny(['+', '#']) >= 0)
                    ? (MqttDisconnectReasonCode.WildcardSubscriptionsNotSupported, "No subscriptions are offered")
                : (default, "");
            if (code != default)
            {
                return new MqttRefusal(code, reason);
            }
        }

        return Answer(new MqttSubAckPacket
        {
            PacketIdentifier = subscribe.PacketIdentifier,
            ReasonCodes = [.. subscribe.TopicFilters.Select(_ => MqttSubscribeReasonCode.ImplementationSpecificError)],
        });
    }

    private MqttRefusal? AddPublish(MqttPublishPacket publish, CancellationToken cancellationToken)
    {
        if (MqttMessages.ViolationOf(publish) is { } violation)
        {
            return violation;
        }

        var isAcknowledged = publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce;
        if (isAcknowledged && _unacknowledged.TryGetValue(publish.PacketIdentifier, out var first))
        {
            _answers.Add(first); // the client has sent the message again: one copy is enough, and each packet has its answer
            return publish.Dup ? null : MqttRefusal.Protocol("The packet identifier is in use");
        }

        // The packet itself is not kept until the commit: its properties can be many.
        var answer = AnswerAsync(publish.PacketIdentifier, services.Messages.Read(publish), cancellationToken);
        _answers.Add(answer);
        if (isAcknowledged)
        {
            _unacknowledged.Add(publish.PacketIdentifier, answer);
        }

        return null;
    }

    private async Task<MqttAnswer> AnswerAsync(ushort identifier, Publication publication, CancellationToken cancellationToken)
    {
        if (publication.ProblemOf() is { } problem)
        {
            return RefuseForm(identifier, publication, problem);
        }

        try
        {
            await services.Buffer.AppendAsync(BufferedMessage.Of(publication, services.Time.GetUtcNow()), cancellationToken);
            return identifier == 0 ? MqttAnswer.None : new MqttAnswer(new MqttPubAckPacket { PacketIdentifier = identifier });
        }
        catch (BufferException e)
        {
            var code = e.IsFull ? MqttPubAckReasonCode.QuotaExceeded : MqttPubAckReasonCode.ImplementationSpecificError;
            return Refuse(identifier, code, e.Message);
        }
        catch (OperationCanceledException) when (identifier == 0)
        {
            // The connection has ended, and the message did not find its place in time.
            var isFull = services.Edge.WhenFull == WhenFull.Block && services.Buffer.Problem is null;
            services.Metrics.Dropped(isFull ? Drop.Refused : Drop.NotDurable, 1);
            throw;
        }
        catch (ChannelClosedException)
        {
            // A sensor that gets no PUBACK sends the message again, but this one expects none.
            services.Metrics.Dropped(Drop.NotDurable, identifier == 0 ? 1 : 0);
            return Refuse(identifier, MqttPubAckReasonCode.ImplementationSpecificError, "The message is not durable: the edge stops");
        }
    }

    // The sensor sends what can never be accepted: with QoS 0, the end of the connection is the only way to say so.
    private MqttAnswer RefuseForm(ushort identifier, Publication publication, string problem)
    {
        var (end, refusal) = Topic.ProblemOf(publication.Topic) is null
            ? (MqttDisconnectReasonCode.QuotaExceeded, MqttPubAckReasonCode.QuotaExceeded)
            : (MqttDisconnectReasonCode.TopicNameInvalid, MqttPubAckReasonCode.TopicNameInvalid);
        return identifier == 0 ? new MqttAnswer(null, new(end, problem)) : Refuse(identifier, refusal, problem);
    }

    // MQTT 3.1.1 has no PUBACK that refuses: a closed connection tells the client to send the message again. With QoS 0 nobody is told.
    private MqttAnswer Refuse(ushort identifier, MqttPubAckReasonCode code, string reason) =>
        identifier == 0 ? MqttAnswer.None
        : !isVersion5 ? new MqttAnswer(null, new(null, reason))
        : new MqttAnswer(new MqttPubAckPacket
        {
            PacketIdentifier = identifier,
            ReasonCode = code,
            ReasonString = client.RequestProblemInformation ? Explain(reason) : null,
        });
}
