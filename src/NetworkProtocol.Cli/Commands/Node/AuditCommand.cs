using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>audit</c>: who did what.</summary>
internal sealed class AuditCommand : INetprotoCommand
{
    private static readonly Columns<AuditEntry> Columns = new()
    {
        { "at", entry => entry.At },
        { "who", entry => entry.Who },
        { "from", entry => entry.From },
        { "via", entry => entry.Via },
        { "action", entry => entry.Action },
        { "target", entry => entry.Target },
        { "result", entry => entry.Result },
        { "text", entry => entry.Text },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("audit", "Shows who did what, the last first. Example: netproto audit --size 20");
        var paging = new PagingOptions(command, canSort: false);
        ReadAction.Set(
            command,
            new NodeArguments(command),
            parsed => Views.Page((node, token) => node.AuditAsync(paging.Read(parsed), token), Columns));
        return command;
    }
}
