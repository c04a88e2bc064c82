namespace NetworkProtocol.Admin;

/// <summary>The server's state, counters and rates. The counters are those of <c>/metrics</c>.</summary>
public sealed record Status(
    [property: Field("The id of this node.", "node-1")] string Node,
    [property: Field("starting, ready, full, draining or stopping.", "ready")] string State,
    [property: Field("The version of the program.", "1.0.0")] string Version,
    [property: Field("When the program started.", "2026-01-31T12:00:00+00:00")] DateTimeOffset StartedAt,
    [property: Field("The number of open connections.", 250)] int Connections,
    [property: Field("The limit of open connections.", 1000)] int MaxConnections,
    [property: Field("The number of accepted connections since the start.", 12345)] long ConnectionsTotal,
    [property: Field("The number of rejected connections since the start.", 12)] long ConnectionsRejected,
    [property: Field("The number of successful handshakes since the start.", 12300)] long HandshakesGood,
    [property: Field("The number of refused handshakes since the start.", 33)] long HandshakesRefused,
    [property: Field("The number of messages received since the start.", 987654)] long MessagesReceived,
    [property: Field("The number of messages sent since the start.", 987650)] long MessagesSent,
    [property: Field("The number of bytes received since the start.", 123456789)] long BytesReceived,
    [property: Field("The number of bytes sent since the start.", 123456700)] long BytesSent,
    [property: Field("The number of errors since the start.", 17)] long Errors,
    [property: Field("What happened in the last second.")] Rates Rates,
    [property: Field("The names of the circuit breakers that are not closed.", new[] { "orders:orders-1.example:8443" })]
    IReadOnlyList<string> BreakersNotClosed,
    [property: Field("The number of days until the first certificate expires; null without a certificate.", 60)] int? CertificateDaysLeft,
    [property: Field("The resident memory of the process, in MiB.", 120.5)] double MemoryMebibytes,
    [property: Field("The drain and its progress.")] DrainRow Drain);
