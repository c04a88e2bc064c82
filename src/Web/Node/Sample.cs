namespace NetworkProtocol.Web.Node;

/// <summary>One point of the charts.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Received">Messages received a second.</param>
/// <param name="Sent">Messages sent a second.</param>
/// <param name="BytesIn">Bytes received a second.</param>
/// <param name="BytesOut">Bytes sent a second.</param>
/// <param name="HandshakesGood">Good handshakes a second.</param>
/// <param name="HandshakesRefused">Refused handshakes a second.</param>
/// <param name="Errors">Errors a second.</param>
/// <param name="P50">Half of the requests took at most this many milliseconds; NaN without requests.</param>
/// <param name="P99">99 of 100 requests took at most this many milliseconds; NaN without requests.</param>
/// <param name="Buffered">Messages in the edge's buffer; 0 on a node that is no edge.</param>
internal readonly record struct Sample(
    float Connections,
    float Received,
    float Sent,
    float BytesIn,
    float BytesOut,
    float HandshakesGood,
    float HandshakesRefused,
    float Errors,
    float P50,
    float P99,
    float Buffered);
