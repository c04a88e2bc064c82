using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>bans</c>: the bans.</summary>
internal sealed class BansCommand : INetprotoCommand
{
    private static readonly Columns<BanRow> Columns = new()
    {
        { "id", ban => ban.Id },
        { "target", ban => ban.Target },
        { "reason", ban => ban.Reason },
        { "by", ban => ban.By },
        { "at", ban => ban.At },
        { "expiresAt", ban => ban.ExpiresAt },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("bans", "Shows the bans, the last first. Example: netproto bans");
        ReadAction.Set(command, new NodeArguments(command), _ => Views.List((node, token) => node.BansAsync(token), Columns));
        return command;
    }
}
