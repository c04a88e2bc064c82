using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using NetworkProtocol.Cli.Admin;

namespace NetworkProtocol.Cli.Commands.Admin;

internal static class ConnectionsCommand
{
    private static readonly Columns Columns = new(
        [
            "id", "peer", "identity", "transport", "state", "command", "connectedAt", "ageSeconds", "idleSeconds",
            "roundTripMilliseconds", "messagesReceived", "messagesSent", "bytesReceived", "bytesSent",
        ],
        ["id", "peer", "identity", "transport", "state", "command", "ageSeconds", "idleSeconds"]);

    private static readonly Columns Messages = new("at", "direction", "command", "bytes");

    public static Command Create()
    {
        var command = new Command(
            "connections", "Shows the open connections, or all details of one. Example: netproto connections --state running --sort ageSeconds --descending");
        var key = new Argument<string?>("key")
        {
            Description = "The connection's key, as node-1/42: shows all details of this connection",
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Add(key);
        var filter = ConnectionFilterOptions.ForOpen(command);
        var paging = new PagingOptions(command);
        ReadAction.Set(command, new AdminArguments(command), parsed => parsed.GetValue(key) is { } one
            ? One(one, alone: filter.IsEmpty(parsed))
            : View.Paged(AdminClient.Path("connections", [.. filter.Query(parsed), .. paging.Query(parsed)]), Columns.With(paging.Sort(parsed))), canWatch: true);
        return command;
    }

    private static View One(string key, bool alone) => alone
        ? new View(ConnectionPath.Of(key), Whole)
        : throw AdminException.Usage("a key and filters exclude each other");

    // Its row and what else is known of it are two objects for programs, and one thing for people.
    private static IReadOnlyList<Grid> Whole(JsonElement detail)
    {
        var facts = JsonObject.Create(detail.GetProperty("connection"))!;
        foreach (var property in detail.EnumerateObject().Where(property => property.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null))
        {
            facts[property.Name] = property.Value.GetString();
        }

        return [Grid.Facts(JsonSerializer.SerializeToElement(facts)), Grid.Of(detail.GetProperty("recentMessages"), Messages)];
    }
}
