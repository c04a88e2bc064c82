using System.Runtime.InteropServices;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web;

/// <summary>Log events about the start and the stop of the program.</summary>
internal static partial class ProgramLog
{
    [LoggerMessage(140, LogLevel.Warning, "Setting: {Warning}", EventName = "DoubtfulSetting")]
    public static partial void DoubtfulSetting(ILogger logger, string warning);

    [LoggerMessage(
        141,
        LogLevel.Warning,
        "Standard output cannot be written: its lines are lost, the server continues to run",
        EventName = "OutputLost")]
    public static partial void OutputLost(ILogger logger);

    [LoggerMessage(
        142,
        LogLevel.Information,
        "{Signal} was received again: the server continues to drain, {Count} connections are left. "
            + "A second Ctrl+C, or SIGQUIT, ends the server at once",
        EventName = "AskedAgain")]
    public static partial void StopRepeated(ILogger logger, PosixSignal signal, int count);

    [LoggerMessage(143, LogLevel.Warning, "{Signal} ends the server at once: {Count} connections are cut off", EventName = "EndsAtOnce")]
    public static partial void ExitsAtOnce(ILogger logger, PosixSignal signal, int count);
}
