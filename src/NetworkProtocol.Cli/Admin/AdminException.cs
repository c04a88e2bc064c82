namespace NetworkProtocol.Cli.Admin;

/// <summary>Ends a command with one line for people and an exit code for scripts.</summary>
internal sealed class AdminException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode => exitCode;

    public static AdminException Usage(string message) => new(ExitCodes.Usage, message);

    public static AdminException Failed(string message, Exception? inner = null) => new(ExitCodes.Failed, message, inner);
}
