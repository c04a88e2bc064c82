using System.CommandLine;
using NetworkProtocol.Cli.Commands;

namespace NetworkProtocol.Cli;

/// <summary><c>netproto</c>: the command line for NPRO servers.</summary>
public static class Program
{
    /// <summary>Runs a command; 0 is good, 1 an error of the server or the connection, 2 a wrong usage.</summary>
    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Talks to NPRO servers. Example: netproto echo localhost:8443 hello --ca server.crt")
        {
            PingCommand.Create(),
            EchoCommand.Create(),
            SendCommand.Create(),
            BenchCommand.Create(),
        };
        var parsed = root.Parse(args);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
    }
}
