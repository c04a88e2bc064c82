namespace NetworkProtocol.Admin;

/// <summary>An open connection in the list of connections.</summary>
public sealed record ConnectionRow(
    [property: Field("The connection's key: its node and its number on that node, unique until the server restarts.", "node-1/42")]
    string Id,
    [property: Field(
        "The client's address and port; behind a trusted proxy, as the proxy reports them; local for a Unix socket.", "192.0.2.7:51514")]
    string Peer,
    [property: Field(
        "The client's name: uri:, dns: or cn: and a name of its certificate, or uid: and its user; null without a name.", "cn:orders-1")]
    string? Identity,
    [property: Field("How the client is connected: tls, secure or local.", "tls")] string Transport,
    [property: Field("What the connection is doing: handshaking, waiting, running, sending or closing.", "waiting")] string State,
    [property: Field("The last command or kind of message; null before the first message.", "ECHO")] string? Command,
    [property: Field("When the server accepted the connection.", "2026-01-31T12:00:00+00:00")] DateTimeOffset ConnectedAt,
    [property: Field("The time since the server accepted the connection, in seconds.", 61.5)] double AgeSeconds,
    [property: Field("The time since the last message, in seconds.", 0.4)] double IdleSeconds,
    [property: Field("The last measured round trip, in milliseconds; null before the first measurement.", 1.25)]
    double? RoundTripMilliseconds,
    [property: Field("The time since the last measurement of the round trip, in seconds; null before the first one.", 12.5)]
    double? RoundTripAgeSeconds,
    [property: Field("Whether the server sends Ping to this client.", true)] bool Pinged,
    [property: Field("The number of messages from the client.", 120)] long MessagesReceived,
    [property: Field("The number of messages to the client.", 120)] long MessagesSent,
    [property: Field("The number of bytes from the client.", 48210)] long BytesReceived,
    [property: Field("The number of bytes to the client.", 48200)] long BytesSent);
