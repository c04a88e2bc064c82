namespace NetworkProtocol.Server.Diagnostics;

/// <summary>The server's counters at a moment.</summary>
/// <param name="Active"><c>connections_active</c>.</param>
/// <param name="Connections"><c>connections_total</c>.</param>
/// <param name="Rejected"><c>connections_rejected_total</c> over all reasons.</param>
/// <param name="HandshakesGood"><c>handshakes_total{result="ok"}</c>.</param>
/// <param name="HandshakesRefused"><c>handshakes_total{result="refused"}</c>.</param>
/// <param name="MessagesReceived"><c>messages_received</c>.</param>
/// <param name="MessagesSent"><c>messages_sent</c>.</param>
/// <param name="BytesReceived"><c>bytes_received_total</c>.</param>
/// <param name="BytesSent"><c>bytes_sent_total</c>.</param>
/// <param name="Errors"><c>errors_total</c> over all kinds.</param>
public readonly record struct ServerCounts(
    int Active,
    long Connections,
    long Rejected,
    long HandshakesGood,
    long HandshakesRefused,
    long MessagesReceived,
    long MessagesSent,
    long BytesReceived,
    long BytesSent,
    long Errors);
