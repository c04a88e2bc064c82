using System.CommandLine;
using NetworkProtocol.Cli.Commands;

namespace NetworkProtocol.Cli;

/// <summary><c>netproto</c>: the command line for NPRO servers.</summary>
public static class Program
{
    /// <summary>
    /// Runs a command. The exit code is 0 when it was done, 1 for an error of the server or the connection, 2 for a wrong usage.
    /// </summary>
    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Talks to NPRO servers. Example: netproto echo localhost:8443 hello --ca server.crt");
        foreach (var command in AllCommands.Create())
        {
            root.Add(command);
        }

        var parsed = root.Parse(args);
        if (args.Length == 0 || parsed.Errors.Count == 0)
        {
            var exitCode = await parsed.InvokeAsync();
            return parsed.Errors.Count == 0 ? exitCode : ExitCodes.Usage;
        }

        // Not the whole help, in which an error is easily overlooked.
        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"netproto: {error.Message} (see --help)");
        }

        return ExitCodes.Usage;
    }
}
