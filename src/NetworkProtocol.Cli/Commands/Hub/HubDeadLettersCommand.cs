using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Hub;

/// <summary><c>hub dead-letters</c>: what the hub could not store as readings.</summary>
internal static class HubDeadLettersCommand
{
    private static readonly Columns<HubDeadLetterRow> Columns = new("time source sequence topic reason")
    {
        { "time", row => row.Time },
        { "source", row => row.Source },
        { "sequence", row => row.Sequence },
        { "topic", row => row.Topic },
        { "reason", row => row.Reason },
        { "text", row => row.Text },
        { "base64", row => row.Base64 },
    };

    public static Command Create(NodeArguments arguments)
    {
        var command = new Command(
            "dead-letters",
            "Shows the messages that could not become readings, the newest first. Example: netproto hub dead-letters --source edge1");
        var source = HubSourceOption.Create();
        command.Add(source);
        var paging = new HubPagingOptions(command);
        ReadAction.Set(
            command,
            arguments,
            parsed => Views.Slice((node, token) => node.HubDeadLettersAsync(parsed.GetValue(source), paging.Read(parsed), token), Columns),
            canWatch: true);
        return command;
    }
}
