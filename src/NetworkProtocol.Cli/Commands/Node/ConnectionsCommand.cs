using System.CommandLine;
using NetworkProtocol.Admin;
using NetworkProtocol.Cli.Node;
using NetworkProtocol.Cli.Printing;

namespace NetworkProtocol.Cli.Commands.Node;

/// <summary><c>connections</c>: open connections, or one of them with all details.</summary>
internal sealed class ConnectionsCommand : INetprotoCommand
{
    private static readonly Columns<ConnectionRow> Columns = new("id peer identity transport state command ageSeconds idleSeconds")
    {
        { "id", row => row.Id },
        { "peer", row => row.Peer },
        { "identity", row => row.Identity },
        { "transport", row => row.Transport },
        { "state", row => row.State },
        { "command", row => row.Command },
        { "connectedAt", row => row.ConnectedAt },
        { "ageSeconds", row => row.AgeSeconds },
        { "idleSeconds", row => row.IdleSeconds },
        { "roundTripMilliseconds", row => row.RoundTripMilliseconds },
        { "messagesReceived", row => row.MessagesReceived },
        { "messagesSent", row => row.MessagesSent },
        { "bytesReceived", row => row.BytesReceived },
        { "bytesSent", row => row.BytesSent },
    };

    private static readonly Columns<MessageRow> Messages = new()
    {
        { "at", message => message.At },
        { "direction", message => message.Direction },
        { "command", message => message.Command },
        { "bytes", message => message.Bytes },
    };

    public CommandGroup Group => CommandGroup.Node;

    public Command Create()
    {
        var command = new Command(
            "connections",
            "Shows the open connections, or all details of one. "
                + "Example: netproto connections --state running --sort ageSeconds --descending");
        var key = new Argument<string?>("key")
        {
            Description = "The connection's key, as node-1/42: shows all details of this connection",
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Add(key);
        var filter = ConnectionFilterOptions.ForOpen(command);
        var paging = new PagingOptions(command);
        ReadAction.Set(
            command,
            new NodeArguments(command),
            parsed => parsed.GetValue(key) is { } one ? One(one, filter.Read(parsed)) : All(filter.Read(parsed), paging.Read(parsed)),
            canWatch: true);
        return command;
    }

    private static View All(ConnectionFilter filter, Paging paging) =>
        Views.Page((node, token) => node.ConnectionsAsync(filter, paging, token), Columns.With(paging.Sort));

    private static View One(string key, ConnectionFilter filter)
    {
        var one = filter.IsEmpty ? ConnectionKeys.Checked(key) : throw CommandException.Usage("a key and filters exclude each other");
        return Views.One((node, token) => node.ConnectionAsync(one, token), Details);
    }

    // Scripts get the connection's row and its details as two objects; for people they are one thing.
    private static IReadOnlyList<Grid> Details(ConnectionDetail detail) =>
    [
        Grid.Of(
        [
            .. Facts.Of(detail.Connection),
            ("proxy", detail.Proxy),
            ("tls", detail.Tls),
            ("certificateIssuer", detail.CertificateIssuer),
            ("certificateSha256", detail.CertificateSha256),
            ("commandInFlight", detail.CommandInFlight),
            ("lastError", detail.LastError),
        ]),
        Grid.Of(detail.RecentMessages, Messages),
    ];
}
