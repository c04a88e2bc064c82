using NetworkProtocol.Admin;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Node;

/// <summary>Validates an <see cref="ErrorFilter"/>, and applies it to errors.</summary>
internal sealed class ErrorFilterMatcher
{
    private readonly ErrorFilter _filter;
    private readonly long? _connection;

    /// <param name="filter">The filter.</param>
    /// <param name="node">The id of this node.</param>
    /// <param name="kinds">All kinds of errors.</param>
    /// <exception cref="NodeException">The filter is wrong.</exception>
    public ErrorFilterMatcher(ErrorFilter filter, string node, IEnumerable<string> kinds)
    {
        _filter = filter;
        var isKey = ConnectionKey.TryParse(filter.Connection, out var key);
        var problem = filter.Kind is not null && !kinds.Contains(filter.Kind)
            ? $"kind = {filter.Kind}: must be one of {string.Join(", ", kinds)}."
            : filter.Connection is null ? null
            : !isKey ? $"connection = {filter.Connection}: must be a node and a number, as {new ConnectionKey(node, 42)}."
            : key.Node != node ? $"connection = {filter.Connection}: {ConnectionNotFound.OtherNode(key, node)}"
            : null;
        if (problem is not null)
        {
            throw new NodeException(OutcomeKind.Invalid, problem);
        }

        _connection = isKey ? key.Id : null;
    }

    /// <summary>The columns that the list of errors can be sorted by.</summary>
    public static IReadOnlyDictionary<string, Func<ErrorEntry, IComparable?>> Columns { get; } =
        new Dictionary<string, Func<ErrorEntry, IComparable?>>
    {
        ["at"] = error => error.At,
        ["kind"] = error => error.Kind,
        ["peer"] = error => ApiNames.Peer(error.RemoteEndPoint),
        ["connectionId"] = error => error.ConnectionId,
        ["text"] = error => error.Text,
    };

    public bool Matches(ErrorEntry error) =>
        (_filter.Kind is null || error.Kind == _filter.Kind)
        && (_connection is null || error.ConnectionId == _connection)
        && (_filter.Text is not { } text
            || error.Text.Contains(text, StringComparison.OrdinalIgnoreCase)
            || ApiNames.Peer(error.RemoteEndPoint).Contains(text, StringComparison.OrdinalIgnoreCase));
}
