using System.ComponentModel;
using NetworkProtocol.Backup;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Backup;

/// <summary>Makes one line and an exit code of an error.</summary>
internal static class BackupErrors
{
    /// <summary>Runs a command's work.</summary>
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
        catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException or Win32Exception)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(e.Message)}");
            return ExitCodes.Failed;
        }
    }
}
