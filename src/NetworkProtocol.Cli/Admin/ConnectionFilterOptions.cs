using System.CommandLine;
using System.Text.Json.Nodes;

namespace NetworkProtocol.Cli.Admin;

/// <summary>Which connections: the API's filter as options. The server checks their values, and says what would be right.</summary>
internal sealed class ConnectionFilterOptions
{
    private readonly (string Name, Option<string?> Option)[] _parts;

    private ConnectionFilterOptions(Command command, params (string Name, Option<string?> Option)[] parts)
    {
        _parts = parts;
        foreach (var (_, option) in parts)
        {
            command.Add(option);
        }
    }

    public static ConnectionFilterOptions ForOpen(Command command) =>
        Create(command, ("state", new("--state") { Description = "The connection's state: handshaking, waiting, running, sending, closing" }));

    public static ConnectionFilterOptions ForClosed(Command command) =>
        Create(command, ("reason", new("--reason") { Description = "Why the connection ended, for example client_left or kicked" }));

    public bool IsEmpty(ParseResult parsed) => !Query(parsed).Any();

    /// <summary>What was given, as parts of a query.</summary>
    public IEnumerable<(string Name, string? Value)> Query(ParseResult parsed) =>
        _parts.Select(part => (part.Name, parsed.GetValue(part.Option))).Where(part => !string.IsNullOrWhiteSpace(part.Item2));

    /// <summary>The same for a request's body.</summary>
    public JsonObject ToJson(ParseResult parsed) => new(Query(parsed).Select(part => KeyValuePair.Create(part.Name, (JsonNode?)part.Value)));

    private static ConnectionFilterOptions Create(Command command, (string Name, Option<string?> Option) last) => new(
        command,
        ("address", new("--address") { Description = "A network as 192.0.2.0/24, or a part of the address" }),
        ("identity", new("--identity") { Description = "A part of the client's name, as cn:orders" }),
        ("transport", new("--transport") { Description = "tls, secure or local" }),
        ("command", new("--command") { Description = "A command among the connection's last messages" }),
        ("minAge", new("--min-age") { Description = "At least this old, hh:mm:ss or seconds" }),
        ("maxAge", new("--max-age") { Description = "At most this old, hh:mm:ss or seconds" }),
        last);
}
