using System.CommandLine;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class ErrorsCommand
{
    private static readonly Columns Columns = new("at", "kind", "peer", "connectionId", "text");

    public static Command Create()
    {
        var command = new Command("errors", "Shows the errors, the last first. Example: netproto errors --kind unknown_command --watch");
        var kind = new Option<string?>("--kind") { Description = "The kind, as unknown_command" };
        var text = new Option<string?>("--text") { Description = "A part of the client's address or of the text" };
        var connection = new Option<string?>("--connection") { Description = ConnectionPath.Description };
        foreach (var option in new Option[] { kind, text, connection })
        {
            command.Add(option);
        }

        var paging = new PagingOptions(command);
        ReadAction.Set(
            command,
            new AdminArguments(command),
            parsed => View.Paged(
                AdminClient.Path("errors",
                [
                    ("kind", parsed.GetValue(kind)),
                    ("text", parsed.GetValue(text)),
                    ("connection", parsed.GetValue(connection) is { } key ? ConnectionPath.Checked(key) : null),
                    .. paging.Query(parsed),
                ]),
                Columns),
            canWatch: true);
        return command;
    }
}
