using System.CommandLine;
using NetworkProtocol.Cli.Commands;
using NetworkProtocol.Cli.Commands.Admin;
using NetworkProtocol.Cli.Commands.Backup;

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
            StatusCommand.Create(),
            ConnectionsCommand.Create(),
            ClosedCommand.Create(),
            ErrorsCommand.Create(),
            KickCommand.Create(),
            DrainCommand.Create(),
            BreakersCommand.Create(),
            CertificatesCommand.Create(),
            BanCommands.CreateList(),
            BanCommands.CreateBan(),
            BanCommands.CreateUnban(),
            AuditCommand.Create(),
            HashPasswordCommand.Create(),
            CreateTokenCommand.Create(),
            BackupCommand.Create(),
            RestoreCommand.Create(),
            BackupKeyCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (args.Length == 0 || parsed.Errors.Count == 0)
        {
            var exitCode = await parsed.InvokeAsync();
            return parsed.Errors.Count == 0 ? exitCode : ExitCodes.Usage;
        }

        // All the help would hide what is wrong.
        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"netproto: {error.Message} (see --help)");
        }

        return ExitCodes.Usage;
    }
}
