using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Which errors: each field that is set must match.</summary>
internal sealed record ErrorFilter
{
    private readonly ConnectionKey? _connection;

    public static IReadOnlyDictionary<string, Func<ErrorEntry, IComparable?>> Columns { get; } = new Dictionary<string, Func<ErrorEntry, IComparable?>>
    {
        ["at"] = error => error.At,
        ["kind"] = error => error.Kind,
        ["peer"] = error => Rows.Peer(error.RemoteEndPoint),
        ["connectionId"] = error => error.ConnectionId,
        ["text"] = error => error.Text,
    };

    /// <summary>The kind.</summary>
    public string? Kind { get; init; }

    /// <summary>A part of the client's address or of the text.</summary>
    public string? Text { get; init; }

    /// <summary>The connection's key.</summary>
    public string? Connection
    {
        get;
        init => (field, _connection) = (value, ConnectionKey.TryParse(value, out var key) ? key : null);
    }

    /// <summary>What is wrong with it, and what would be right; null if nothing is.</summary>
    /// <param name="kinds">All kinds that there are.</param>
    /// <param name="node">This node.</param>
    public string? Check(IEnumerable<string> kinds, string node) =>
        Kind is not null && !kinds.Contains(Kind) ? $"kind = {Kind}: must be one of {string.Join(", ", kinds)}."
        : Connection is null ? null
        : _connection is not { } key ? $"connection = {Connection}: must be a node and a number, as {new ConnectionKey(node, 42)}."
        : key.Node != node ? $"connection = {Connection}: {MissingConnection.OtherNode(key, node)}"
        : null;

    public bool Matches(ErrorEntry error) =>
        (Kind is null || error.Kind == Kind)
        && (Connection is null || error.ConnectionId == _connection?.Id)
        && (Text is null
            || error.Text.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || Rows.Peer(error.RemoteEndPoint).Contains(Text, StringComparison.OrdinalIgnoreCase));
}
