namespace NetworkProtocol.Admin;

/// <summary>The rates of the last second, and the percentiles of the durations of requests in the last minute.</summary>
public sealed record Rates(
    [property: Field("Messages received in the last second.", 5000)] double MessagesReceived,
    [property: Field("Messages sent in the last second.", 5000)] double MessagesSent,
    [property: Field("Bytes received in the last second.", 640000)] double BytesReceived,
    [property: Field("Bytes sent in the last second.", 640000)] double BytesSent,
    [property: Field("Successful handshakes in the last second.", 3)] double HandshakesGood,
    [property: Field("Refused handshakes in the last second.", 0)] double HandshakesRefused,
    [property: Field("Errors in the last second.", 0)] double Errors,
    [property: Field("Half of the requests of the last minute took at most this many milliseconds; null without requests.", 0.21)]
    double? P50Milliseconds,
    [property: Field("99 of 100 requests of the last minute took at most this many milliseconds; null without requests.", 4.5)]
    double? P99Milliseconds);
