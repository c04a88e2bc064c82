using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Client.Diagnostics;

/// <summary>The client's log messages. Event ids and names are stable.</summary>
internal static partial class Log
{
    [LoggerMessage(201, LogLevel.Information, "{Client} is connected to {Address}", EventName = "Connected")]
    public static partial void Connected(ILogger logger, string client, ServerAddress address);

    [LoggerMessage(202, LogLevel.Warning, "{Client} lost its connection to {Address}: {Reason}", EventName = "ConnectionLost")]
    public static partial void ConnectionLost(ILogger logger, string client, ServerAddress address, string reason);

    [LoggerMessage(203, LogLevel.Debug, "{Client} could not connect to {Address}: {Reason}", EventName = "ConnectFailed")]
    public static partial void ConnectFailed(ILogger logger, string client, ServerAddress address, string reason);

    [LoggerMessage(204, LogLevel.Warning, "Circuit breaker {Name} went from {From} to {To}: {Reason}", EventName = "BreakerChanged")]
    public static partial void BreakerChanged(ILogger logger, string name, BreakerState from, BreakerState to, string reason);

    [LoggerMessage(
        205, LogLevel.Debug, "{Client} stopped connecting to {Address}: another server was faster", EventName = "ConnectOvertaken")]
    public static partial void ConnectOvertaken(ILogger logger, string client, ServerAddress address);
}
