using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Web.Admin.Reading;

/// <summary>Which errors: each field that is set must match.</summary>
internal sealed record ErrorFilter
{
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

    /// <summary>The connection.</summary>
    public long? Connection { get; init; }

    public bool Matches(ErrorEntry error) =>
        (Kind is null || error.Kind == Kind)
        && (Connection is null || error.ConnectionId == Connection)
        && (Text is null
            || error.Text.Contains(Text, StringComparison.OrdinalIgnoreCase)
            || Rows.Peer(error.RemoteEndPoint).Contains(Text, StringComparison.OrdinalIgnoreCase));
}
