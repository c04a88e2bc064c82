namespace NetworkProtocol.Cli;

/// <summary>Ends a command with one line for people and an exit code for scripts.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The exit code of netproto.</summary>
    public int ExitCode => exitCode;

    /// <summary>The command was called in a wrong way.</summary>
    public static CommandException Usage(string message) => new(ExitCodes.Usage, message);

    /// <summary>The command could not do what was asked for.</summary>
    public static CommandException Failed(string message, Exception? inner = null) => new(ExitCodes.Failed, message, inner);
}
