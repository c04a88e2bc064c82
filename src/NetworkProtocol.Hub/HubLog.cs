using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Hub;

/// <summary>What the hub logs; ids and names are stable.</summary>
internal static partial class HubLog
{
    [LoggerMessage(
        401, LogLevel.Error, "The hub cannot store, and edges keep their messages until it can: {Reason}", EventName = "HubStoreFails")]
    public static partial void StoreFails(ILogger logger, string reason);

    [LoggerMessage(402, LogLevel.Warning, "The hub could not delete what is too old: {Reason}", EventName = "HubRetentionFailed")]
    public static partial void RetentionFailed(ILogger logger, string reason);

    [LoggerMessage(
        403, LogLevel.Warning, "Connection {ConnectionId} may not send as the source it names: {Reason}", EventName = "HubSourceRefused")]
    public static partial void SourceRefused(ILogger logger, long connectionId, string reason);

    [LoggerMessage(
        404,
        LogLevel.Error,
        "Nothing goes into the buffer for the next hub {Address}, and waits in the store until it can: {Reason}",
        EventName = "HubForwardFails")]
    public static partial void ForwardFails(ILogger logger, string address, string reason);

    [LoggerMessage(
        405,
        LogLevel.Error,
        "{Dropped} messages and rollups since the start are not forwarded to {Address}: more than {Max} waited (Hub:Forward:MaxBacklog), "
            + "or more than {MaxBytes} bytes (MaxBacklogBytes). "
            + "They stay in this hub's store",
        EventName = "HubForwardDropped")]
    public static partial void ForwardDropped(ILogger logger, string address, long dropped, long max, long maxBytes);

    [LoggerMessage(
        406,
        LogLevel.Warning,
        "The topic {Topic} of {Source} is not forwarded: with the name of its source it has more than {Max} bytes",
        EventName = "HubTopicTooLong")]
    public static partial void TopicTooLong(ILogger logger, string source, string topic, int max);

    [LoggerMessage(
        407, LogLevel.Information, "Of the nodes of this hub, this one forwards to {Address} from now on", EventName = "HubForwards")]
    public static partial void Forwards(ILogger logger, string address);

    [LoggerMessage(
        408,
        LogLevel.Error,
        "The hub {Address}, to which this hub forwards, leads back to this hub (Hub:Forward:Address there or here is wrong): the topic "
            + "{Topic} of {Source} has this hub's name twice, and is not forwarded again",
        EventName = "HubForwardLoop")]
    public static partial void ForwardLoop(ILogger logger, string address, string source, string topic);

    [LoggerMessage(
        409,
        LogLevel.Warning,
        "{Count} rollups since the start are not forwarded to {Address}: they, or late data for them, waited until this hub keeps them no "
            + "longer (Hub:Retention)",
        EventName = "HubForwardTooOld")]
    public static partial void ForwardTooOld(ILogger logger, long count, string address);

    [LoggerMessage(
        410,
        LogLevel.Warning,
        "{Messages} messages and {Rollups} rollups that waited for the next hub are forgotten, because the settings do not forward them "
            + "any longer (Hub:Forward:Address and What). They stay in this hub's store",
        EventName = "HubForwardForgotten")]
    public static partial void ForwardForgotten(ILogger logger, long messages, long rollups);

    [LoggerMessage(
        411,
        LogLevel.Warning,
        "The hub could not count what waits for the next hub {Address}, and drops none of it until it can (Hub:Forward:MaxBacklog): "
            + "{Reason}",
        EventName = "HubForwardUncounted")]
    public static partial void ForwardUncounted(ILogger logger, string address, string reason);
}
