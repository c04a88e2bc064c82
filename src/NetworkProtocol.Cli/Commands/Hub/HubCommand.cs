using System.CommandLine;
using NetworkProtocol.Cli.Node;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub</c>: what a hub has stored. Each subcommand has a file of its own.</summary>
internal sealed class HubCommand : INetprotoCommand
{
    public CommandGroup Group => CommandGroup.Hub;

    public Command Create()
    {
        var command = new Command("hub", "Shows what a hub has stored. Example: netproto hub readings --topic room1");
        var arguments = new NodeArguments(command);
        command.Add(HubSourcesCommand.Create(arguments));
        command.Add(HubSeriesCommand.Create(arguments));
        command.Add(HubReadingsCommand.Create(arguments));
        command.Add(HubRollupsCommand.Create(arguments));
        command.Add(HubLossesCommand.Create(arguments));
        command.Add(HubDeadLettersCommand.Create(arguments));
        command.Add(HubTotalsCommand.Create(arguments));
        return command;
    }
}
