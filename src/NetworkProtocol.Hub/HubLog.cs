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
}
