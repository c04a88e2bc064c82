using System.Text.Json.Nodes;

namespace NetworkProtocol.Web.Api;

/// <summary>
/// The descriptions and examples of parameters in the OpenAPI document. A name means the same in all operations, except for the names that
/// are listed with a path.
/// </summary>
internal static class OpenApiParameters
{
    private static readonly Dictionary<string, (string Description, JsonNode Example)> All = new(StringComparer.OrdinalIgnoreCase)
    {
        ["address"] = ("A network in CIDR notation, or a part of the address as the list shows it.", "10.0.0.0/8"),
        ["identity"] = ("A part of the client's name.", "cn:orders"),
        ["transport"] = ("tls, secure or local.", "tls"),
        ["command"] = ("A command, or a kind of message in capitals.", "ECHO"),
        ["state"] = ("The state of an open connection: handshaking, waiting, running, sending or closing.", "waiting"),
        ["reason"] = ("The reason why a closed connection ended.", "client_left"),
        ["minAge"] = ("The minimum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "00:10:00"),
        ["maxAge"] = ("The maximum age, as hh:mm:ss, d.hh:mm:ss or a number of seconds.", "01:00:00"),
        ["page"] = ("The number of the page; the first is 1.", 1),
        ["size"] = ("The number of rows on a page, 1 to 1000; 50 if missing.", 100),
        ["sort"] = ("The field to sort by; the list's default order if missing.", "at"),
        ["descending"] = ("Whether to sort from the largest to the smallest.", true),
        ["format"] = ("json or csv for a file with the whole list; missing for one page.", "csv"),
        ["range"] = ("15m for points of one second, 24h for points of ten seconds; 15m if missing.", "24h"),
        ["kind"] = ("The kind of error.", "unknown_command"),
        ["text"] = ("A part of the client's address or of the text.", "192.0.2.7"),
        ["connection"] = ("The key of the connection: its node and its number on that node.", "node-1/42"),
        ["series"] = ("The number of the series.", 7),
        ["source"] = ("Only of this source.", "edge1"),
        ["topic"] = ("Only of this topic and of the topics below it.", "room1"),
        ["from"] = ("The beginning of the time.", "2026-01-31T12:00:00Z"),
        ["to"] = ("The end of the time, which is excluded.", "2026-01-31T13:00:00Z"),
        ["resolution"] = ("The length of the rollups: minute, hour or day; hour if missing.", "hour"),
        ["after"] = ("The field next of the part before; missing for the first part.", "eyJpZCI6NDJ9"),
        ["hub/size"] = ("The largest number of rows of a part, 1 to 10000; 100 if missing.", 1000),
        ["connections/node"] = ("The node of the connection.", "node-1"),
        ["connections/id"] = ("The number of the connection on its node.", 42),
        ["bans/id"] = ("The id of the ban.", "0A1B2C3D4E5F6071"),
        ["breakers/name"] = ("The name of the circuit breaker; write a slash as %2F.", "orders:orders-1.example:8443"),
        ["tokens/name"] = ("The name of the token.", "robot"),
    };

    /// <summary>The description and the example of a parameter; null if this class does not list the parameter.</summary>
    /// <param name="path">The operation's path below <c>/api/v1/</c>.</param>
    /// <param name="name">The parameter.</param>
    public static (string Description, JsonNode Example)? Find(string path, string name) =>
        All.TryGetValue($"{path.Split('/')[0]}/{name}", out var own) ? own
        : All.TryGetValue(name, out var common) ? common
        : null;
}
