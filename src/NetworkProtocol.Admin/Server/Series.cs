namespace NetworkProtocol.Admin;

/// <summary>The points of the charts by column: each list has one number for each step, the oldest first.</summary>
public sealed record Series(
    [property: Field("The time of the last point.", "2026-01-31T12:00:00+00:00")] DateTimeOffset Until,
    [property: Field("The time between two points, in seconds.", 1)] double StepSeconds,
    [property: Field("Open connections.", new[] { 250.0, 251 })] IReadOnlyList<float> Connections,
    [property: Field("Messages received per second.", new[] { 5000.0, 5100 })] IReadOnlyList<float> Received,
    [property: Field("Messages sent per second.", new[] { 5000.0, 5100 })] IReadOnlyList<float> Sent,
    [property: Field("Bytes received per second.", new[] { 640000.0, 652800 })] IReadOnlyList<float> BytesIn,
    [property: Field("Bytes sent per second.", new[] { 640000.0, 652800 })] IReadOnlyList<float> BytesOut,
    [property: Field("Successful handshakes per second.", new[] { 3.0, 2 })] IReadOnlyList<float> HandshakesGood,
    [property: Field("Refused handshakes per second.", new[] { 0.0, 1 })] IReadOnlyList<float> HandshakesRefused,
    [property: Field("Errors per second.", new[] { 0.0, 1 })] IReadOnlyList<float> Errors,
    [property: Field("Half of the requests took at most this many milliseconds; null without requests.", new[] { 0.21, 0.22 })]
    IReadOnlyList<float?> P50,
    [property: Field("99 of 100 requests took at most this many milliseconds; null without requests.", new[] { 4.5, 4.6 })]
    IReadOnlyList<float?> P99,
    [property: Field("Messages in the edge's buffer; 0 on a node that is no edge.", new[] { 120.0, 0 })] IReadOnlyList<float> Buffered);
