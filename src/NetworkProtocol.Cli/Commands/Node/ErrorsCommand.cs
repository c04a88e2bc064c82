using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>errors</c>: the last errors.</summary>
internal sealed class ErrorsCommand : INetprotoCommand
{
    private static readonly Columns<ErrorRow> Columns = new()
    {
        { "at", error => error.At },
        { "kind", error => error.Kind },
        { "peer", error => error.Peer },
        { "connectionId", error => error.ConnectionId },
        { "text", error => error.Text },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command("errors", "Shows the errors, the last first. Example: netproto errors --kind unknown_command --watch");
        var kind = new Option<string?>("--kind") { Description = "The kind, as unknown_command" };
        var text = new Option<string?>("--text") { Description = "A part of the client's address or of the text" };
        var connection = new Option<string?>("--connection") { Description = ConnectionKeys.Description };
        foreach (var option in new Option[] { kind, text, connection })
        {
            command.Add(option);
        }

        var paging = new PagingOptions(command);
        ErrorFilter Filter(ParseResult parsed) => new()
        {
            Kind = parsed.GetValue(kind),
            Text = parsed.GetValue(text),
            Connection = parsed.GetValue(connection) is { } key ? ConnectionKeys.Checked(key) : null,
        };
        ReadAction.Set(
            command,
            new NodeArguments(command),
            parsed => Views.Page((node, token) => node.ErrorsAsync(Filter(parsed), paging.Read(parsed), token), Columns),
            canWatch: true);
        return command;
    }
}
