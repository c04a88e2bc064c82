using Microsoft.Extensions.Logging;

namespace NetworkProtocol.Edge;

/// <summary>The log messages of an edge.</summary>
internal static partial class EdgeLog
{
    [LoggerMessage(
        501,
        LogLevel.Error,
        "The {Owner}'s buffer takes no messages: {Error}. {Effect} until the disk takes them again",
        EventName = "EdgeNotDurable")]
    public static partial void NotDurable(ILogger logger, string owner, string error, string effect);

    [LoggerMessage(502, LogLevel.Information, "The {Owner}'s buffer takes messages again", EventName = "EdgeDurableAgain")]
    public static partial void DurableAgain(ILogger logger, string owner);

    [LoggerMessage(
        503,
        LogLevel.Error,
        "The {Owner}'s buffer was damaged ({Error}): {Saved} messages moved to a new file, {Lost} are lost; the old file is kept as {Path}",
        EventName = "EdgeBufferSalvaged")]
    public static partial void Salvaged(ILogger logger, string owner, string error, long saved, long lost, string path);

    [LoggerMessage(
        504,
        LogLevel.Information,
        "The hub {Address} takes messages of {Source} again from number {Next} on ({Lane})",
        EventName = "EdgeUplinkUp")]
    public static partial void UplinkUp(ILogger logger, string address, string source, Forwarding.Lane lane, long next);

    [LoggerMessage(
        505,
        LogLevel.Warning,
        "The hub {Address} does not take messages: {Error}. They wait in the buffer, and go when it does",
        EventName = "EdgeUplinkDown")]
    public static partial void UplinkDown(ILogger logger, string address, string error);

    [LoggerMessage(
        506,
        LogLevel.Error,
        "The hub knows a later epoch of {Source} ({HubEpoch}, here {Epoch}): this buffer is an older copy, or another node uses the name. "
            + "The hub accepts nothing from this node; give it a name of its own, or remove the copy",
        EventName = "EdgeOldEpoch")]
    public static partial void OldEpoch(ILogger logger, string source, long hubEpoch, long epoch);

    [LoggerMessage(
        507,
        LogLevel.Warning,
        "The hub has other messages of {Source} than this buffer: {Reason}. The epoch {Epoch} begins, and what the hub may lack is sent "
            + "again, so the hub may store some messages twice",
        EventName = "EdgeNewEpoch")]
    public static partial void NewEpoch(ILogger logger, string source, string reason, long epoch);

    [LoggerMessage(
        508,
        LogLevel.Error,
        "The hub has lost {Lost} messages of {Source} that it had acknowledged ({Lane}): an older copy of its store was restored",
        EventName = "EdgeHubRestored")]
    public static partial void HubRestored(ILogger logger, string source, long lost, Forwarding.Lane lane);

    [LoggerMessage(
        509,
        LogLevel.Error,
        "The {Owner}'s disk is full: the buffer holds less than its settings allow, and {WithoutRoom} until there is room",
        EventName = "EdgeDiskFull")]
    public static partial void DiskFull(ILogger logger, string owner, string withoutRoom);

    [LoggerMessage(
        510,
        LogLevel.Error,
        "The edge's disk does not take messages ({Error}): they are in memory, and are lost if the edge stops before the disk takes them",
        EventName = "EdgeInMemory")]
    public static partial void InMemory(ILogger logger, string error);

    [LoggerMessage(511, LogLevel.Information, "The {Owner}'s disk has room again", EventName = "EdgeDiskHasRoom")]
    public static partial void DiskHasRoom(ILogger logger, string owner);

    [LoggerMessage(
        512,
        LogLevel.Error,
        "The edge stops with {Messages} messages in memory that its disk does not take: they are lost",
        EventName = "EdgeLostInMemory")]
    public static partial void LostInMemory(ILogger logger, long messages);
}
