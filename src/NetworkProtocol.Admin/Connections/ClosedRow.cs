namespace NetworkProtocol.Admin;

/// <summary>A closed connection in the list of closed connections.</summary>
public sealed record ClosedRow(
    [property: Field("The connection's key: its node and its number on that node.", "node-1/42")] string Id,
    [property: Field("The client's address and port; local for a Unix socket.", "192.0.2.7:51514")] string Peer,
    [property: Field(
        "The client's name: uri:, dns: or cn: and a name of its certificate, or uid: and its user; null without a name.", "cn:orders-1")]
    string? Identity,
    [property: Field("How the client was connected: tls, secure or local.", "tls")] string Transport,
    [property: Field("Why the connection ended, as in the metric connections_closed_total.", "client_left")] string Reason,
    [property: Field("The reason in words.", "The client closed the connection")] string ReasonText,
    [property: Field("The last command or kind of message; null if there was none.", "ECHO")] string? Command,
    [property: Field("When the server accepted the connection.", "2026-01-31T12:00:00+00:00")] DateTimeOffset ConnectedAt,
    [property: Field("When the connection ended.", "2026-01-31T12:01:00+00:00")] DateTimeOffset ClosedAt,
    [property: Field("How long the connection lasted, in seconds.", 60)] double AgeSeconds,
    [property: Field("The number of messages from the client.", 120)] long MessagesReceived,
    [property: Field("The number of messages to the client.", 120)] long MessagesSent,
    [property: Field("The number of bytes from the client.", 48210)] long BytesReceived,
    [property: Field("The number of bytes to the client.", 48200)] long BytesSent,
    [property: Field("The last error of this connection; null without an error.", "Unknown command: NOBODY")] string? LastError);
