using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>closed</c>: connections that ended.</summary>
internal sealed class ClosedCommand : INetprotoCommand
{
    private static readonly Columns<ClosedRow> Columns = new("id peer identity closedAt ageSeconds reason command lastError")
    {
        { "id", row => row.Id },
        { "peer", row => row.Peer },
        { "identity", row => row.Identity },
        { "transport", row => row.Transport },
        { "reason", row => row.Reason },
        { "reasonText", row => row.ReasonText },
        { "command", row => row.Command },
        { "connectedAt", row => row.ConnectedAt },
        { "closedAt", row => row.ClosedAt },
        { "ageSeconds", row => row.AgeSeconds },
        { "messagesReceived", row => row.MessagesReceived },
        { "messagesSent", row => row.MessagesSent },
        { "bytesReceived", row => row.BytesReceived },
        { "bytesSent", row => row.BytesSent },
        { "lastError", row => row.LastError },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command(
            "closed",
            "Shows the connections that ended, the last first. Example: netproto closed --reason slow_reader --address 192.0.2.0/24");
        var filter = ConnectionFilterOptions.ForClosed(command);
        var paging = new PagingOptions(command);
        ReadAction.Set(command, new NodeArguments(command), parsed => View(filter.Read(parsed), paging.Read(parsed)), canWatch: true);
        return command;
    }

    private static View View(ConnectionFilter filter, Paging paging) =>
        Views.Page((node, token) => node.ClosedAsync(filter, paging, token), Columns.With(paging.Sort));
}
