using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class ClosedCommand
{
    private static readonly Columns Columns = new(
        [
            "id", "peer", "identity", "transport", "reason", "reasonText", "command", "connectedAt", "closedAt", "ageSeconds",
            "messagesReceived", "messagesSent", "bytesReceived", "bytesSent", "lastError",
        ],
        ["id", "peer", "identity", "closedAt", "ageSeconds", "reason", "command", "lastError"]);

    public static Command Create()
    {
        var command = new Command("closed", "Shows the connections that ended, the last first. Example: netproto closed --reason slow_reader --address 192.0.2.0/24");
        var filter = ConnectionFilterOptions.ForClosed(command);
        var paging = new PagingOptions(command);
        ReadAction.Set(
            command,
            new AdminArguments(command),
            parsed => View.Paged(AdminClient.Path("closed", [.. filter.Query(parsed), .. paging.Query(parsed)]), Columns.With(paging.Sort(parsed))),
            canWatch: true);
        return command;
    }
}
