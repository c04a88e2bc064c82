using System.Net;
using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>What the server logs; ids and names are stable.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Protocol server listens on {EndPoint}, TLS {Mode}", EventName = "ServerStarted")]
    public static partial void ServerStarted(ILogger logger, EndPoint endPoint, TlsMode mode);

    [LoggerMessage(2, LogLevel.Information, "Draining {Count} connections, deadline {Deadline}", EventName = "DrainStarted")]
    public static partial void DrainStarted(ILogger logger, int count, TimeSpan deadline);

    [LoggerMessage(3, LogLevel.Information, "Protocol server stopped", EventName = "ServerStopped")]
    public static partial void ServerStopped(ILogger logger);

    [LoggerMessage(
        4, LogLevel.Information,
        "An operator drains {Count} connections, {PerSecond} a second, deadline {Deadline}",
        EventName = "DrainAsked")]
    public static partial void DrainAsked(ILogger logger, int count, int perSecond, TimeSpan deadline);

    [LoggerMessage(5, LogLevel.Information, "The drain was undone, {Count} connections are left", EventName = "DrainUndone")]
    public static partial void DrainUndone(ILogger logger, int count);

    [LoggerMessage(
        6, LogLevel.Warning,
        "The memory limit of {LimitMiB} MiB is too low: in the worst case the server needs {NeedMiB} MiB, for {MaxConnections} "
            + "connections (Server:MaxConnections) and {BufferedMiB} MiB of large packets (Server:MaxBufferedBytes). Raise the "
            + "limit, or lower one of these settings",
        EventName = "MemoryTooSmall")]
    public static partial void MemoryTooSmall(ILogger logger, long limitMiB, long needMiB, int maxConnections, long bufferedMiB);

    [LoggerMessage(10, LogLevel.Debug, "Connection {ConnectionId} from {Peer} ended: {Reason}", EventName = "ConnectionEnded")]
    public static partial void ConnectionEnded(ILogger logger, long connectionId, EndPoint? peer, string reason);

    [LoggerMessage(11, LogLevel.Error, "Connection {ConnectionId} from {Peer} failed", EventName = "ConnectionFailed")]
    public static partial void ConnectionFailed(ILogger logger, Exception exception, long connectionId, EndPoint? peer);

    [LoggerMessage(
        14, LogLevel.Error,
        "The deadlines of connection {ConnectionId} from {Peer} could not be checked",
        EventName = "SweepFailed")]
    public static partial void SweepFailed(ILogger logger, Exception exception, long connectionId, EndPoint? peer);

    [LoggerMessage(12, LogLevel.Debug, "Returned {Bytes} bytes of memory", EventName = "MemoryReturned")]
    public static partial void MemoryReturned(ILogger logger, long bytes);

    [LoggerMessage(
        13, LogLevel.Warning,
        "No descriptors are left for connections: {Refused} were refused since the last such line. The process may open "
            + "{Limit} files and sockets: raise the limit (LimitNOFILE= in a systemd unit, ulimit -n), or lower MaxConnections",
        EventName = "OutOfDescriptors")]
    public static partial void OutOfDescriptors(ILogger logger, long refused, int limit);

    [LoggerMessage(20, LogLevel.Error, "Command {Command} failed", EventName = "CommandFailed")]
    public static partial void CommandFailed(ILogger logger, Exception exception, string command);

    [LoggerMessage(21, LogLevel.Warning, "Command {Command} took longer than {Timeout}", EventName = "CommandTimedOut")]
    public static partial void CommandTimedOut(ILogger logger, string command, TimeSpan timeout);

    [LoggerMessage(
        30, LogLevel.Information,
        "Certificate {Subject}, serial {Serial}, valid until {NotAfter:u}",
        EventName = "CertificateLoaded")]
    public static partial void CertificateLoaded(ILogger logger, string subject, string serial, DateTimeOffset notAfter);

    [LoggerMessage(34, LogLevel.Warning, "A reload of certificates could not be announced", EventName = "ReloadNotTold")]
    public static partial void ReloadNotTold(ILogger logger, Exception exception);

    [LoggerMessage(31, LogLevel.Warning, "Certificate not reloaded, the old one stays in use: {Problem}", EventName = "CertificateRefused")]
    public static partial void CertificateRefused(ILogger logger, string problem);

    [LoggerMessage(
        32, LogLevel.Warning,
        "Certificate {File} is in use, and clients may refuse it: {Warning}",
        EventName = "CertificateDoubtful")]
    public static partial void CertificateDoubtful(ILogger logger, string file, string warning);

    [LoggerMessage(
        33, LogLevel.Debug,
        "Connection {ConnectionId} from {Peer} was refused: {Problem}",
        EventName = "ClientCertificateRefused")]
    public static partial void ClientCertificateRefused(ILogger logger, long connectionId, EndPoint? peer, string problem);
}
