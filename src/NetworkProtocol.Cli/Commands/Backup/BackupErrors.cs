using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Backup;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Says what went wrong in one line, and tells by the exit code whose fault it was.</summary>
internal static class BackupErrors
{
    public static async Task<int> GuardAsync(Func<Task> action)
    {
        try
        {
            await action();
            return ExitCodes.Good;
        }
        catch (BackupUsageException e)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}");
            return ExitCodes.Usage;
        }
        catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}");
            return ExitCodes.Failed;
        }
    }
}
