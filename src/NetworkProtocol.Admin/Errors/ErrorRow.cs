namespace NetworkProtocol.Admin;

/// <summary>An error in the list of errors.</summary>
public sealed record ErrorRow(
    [property: Field("When the error happened.", "2026-01-31T12:00:00+00:00")] DateTimeOffset At,
    [property: Field("The kind of error, as in the metric errors_total.", "unknown_command")] string Kind,
    [property: Field("The client's address and port; local for a Unix socket.", "192.0.2.7:51514")] string Peer,
    [property: Field("The connection's key: its node and its number on that node.", "node-1/42")] string ConnectionId,
    [property: Field("What happened.", "Unknown command: NOBODY")] string Text);
