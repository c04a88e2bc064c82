using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class StatusCommand
{
    private static readonly View Status = new("status", answer => [Grid.Facts(answer)]);

    public static Command Create()
    {
        var command = new Command("status", "Shows the server in numbers. Example: netproto status --watch");
        ReadAction.Set(command, new AdminArguments(command), _ => Status, canWatch: true);
        return command;
    }
}
