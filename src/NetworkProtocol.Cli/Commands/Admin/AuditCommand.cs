using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class AuditCommand
{
    private static readonly Columns Columns = new("at", "who", "from", "via", "action", "target", "result", "text");

    public static Command Create()
    {
        var command = new Command("audit", "Shows who did what, the last first. Example: netproto audit --size 20");
        var paging = new PagingOptions(command, canSort: false);
        ReadAction.Set(command, new AdminArguments(command), parsed => View.Paged(AdminClient.Path("audit", paging.Query(parsed)), Columns));
        return command;
    }
}
