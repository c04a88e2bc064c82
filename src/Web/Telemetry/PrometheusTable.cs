using NetworkProtocol.Edge;
using NetworkProtocol.Hub;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Web.Node;

namespace NetworkProtocol.Web.Telemetry;

/// <summary>
/// The names under which <c>/metrics</c> shows the instruments of the libraries. The names are a contract and must not change.
/// </summary>
internal static class PrometheusTable
{
    /// <summary>The metric of <see cref="ServerMetrics.ReadDurations"/>.</summary>
    public const string DurationName = "request_duration_seconds";

    public const string DurationHelp = "Time from a request's decoding, or from the end of a flush before it, to its answer.";
    public const string DurationLabel = "command";

    private const string Server = "networkprotocol.server.";
    private const string Edge = "networkprotocol.edge.";
    private const string Hub = "networkprotocol.hub.";
    private const string Direction = "network.io.direction";
    private const string ErrorType = "error.type";
    private const string Receive = "receive";
    private const string Transmit = "transmit";

    private static readonly (string Attribute, string Label)[] CertificateName = [("networkprotocol.certificate.name", "name")];

    /// <summary>The meters whose instruments only this table shows.</summary>
    public static IReadOnlyList<string> Meters { get; } = [ServerMetrics.MeterName, EdgeMetrics.MeterName, HubMetrics.MeterName];

    public static IReadOnlyList<PrometheusRow> Rows { get; } =
    [
        new($"{Server}connections.active", "connections_active", "Open protocol connections.") { IsGauge = true },
        new($"{Server}connections.limit", "connections_limit", "Protocol connections at once, at most.") { IsGauge = true },
        new($"{Server}drain.start_time", "server_draining_since_timestamp_seconds",
            "When the drain that is under way began, in Unix seconds; 0 while there is none.") { IsGauge = true },
        new($"{Server}connections.accepted", "connections_total", "Protocol connections accepted."),
        new($"{Server}messages", "messages_total", "Messages received and sent."),
        new($"{Server}messages", "messages_received", "Messages received.") { Only = (Direction, Receive) },
        new($"{Server}messages", "messages_sent", "Messages sent.") { Only = (Direction, Transmit) },
        new($"{Server}io", "bytes_received_total", "Bytes of packets received.") { Only = (Direction, Receive) },
        new($"{Server}io", "bytes_sent_total", "Bytes of packets sent.") { Only = (Direction, Transmit) },
        new($"{Server}connections.rejected", "connections_rejected_total", "Connections refused by a limit.")
        {
            Labels = [(ErrorType, "reason")],
        },
        new($"{Server}connections.out_of_descriptors", "connections_out_of_descriptors_total",
            "Connections to any port refused because the process may open no more files and sockets."),
        new($"{Server}connections.closed", "connections_closed_total", "Connections ended.")
        {
            Labels = [("networkprotocol.close.reason", "reason")],
        },
        new($"{Server}handshakes", "handshakes_total", "Handshakes, TLS's and ours.")
        {
            Labels = [("networkprotocol.handshake.result", "result")],
        },
        new($"{Server}errors", "errors_total", "Errors.") { Labels = [(ErrorType, "kind")] },
        new($"{Server}pushes", "push_messages_total",
            "Messages to clients that have not asked: sent, dropped because the outbox was full, lost with the connection.")
        {
            Labels = [("networkprotocol.push.result", "result")],
        },
        new($"{Server}certificate.expiry_time", "certificate_expires_timestamp_seconds", "When a certificate expires, in Unix seconds.")
        {
            IsGauge = true, Labels = CertificateName,
        },
        new($"{Server}certificate.chain_complete", "certificate_chain_complete",
            "1 if a client that knows the root alone finds its way from the certificate to it, else 0.")
        {
            IsGauge = true, Labels = CertificateName,
        },
        new($"{Server}certificate.reload_successful", "certificate_last_reload_successful",
            "1 if the last attempt to load a certificate went well, else 0: the one before stays in use.")
        {
            IsGauge = true, Labels = CertificateName,
        },
        new($"{Edge}buffer.messages", "edge_buffer_messages", "Messages in the edge's buffer.") { IsGauge = true },
        new($"{Edge}buffer.size", "edge_buffer_bytes", "Bytes of the messages in the edge's buffer.") { IsGauge = true },
        new($"{Edge}buffer.oldest", "edge_buffer_oldest_seconds", "Age of the oldest message in the edge's buffer; 0 if it is empty.")
        {
            IsGauge = true,
        },
        new($"{Edge}buffer.limit", "edge_buffer_limit_messages", "Messages that the edge's buffer holds at most.") { IsGauge = true },
        new($"{Edge}buffer.size.limit", "edge_buffer_limit_bytes", "Bytes of the messages that the edge's buffer holds at most.")
        {
            IsGauge = true,
        },
        new($"{Edge}messages", "edge_messages_total", "Messages accepted from sensors and kept on disk.")
        {
            Labels = [("networkprotocol.lane", "lane")],
        },
        new($"{Edge}dropped", "edge_dropped_total", "Messages that the edge refused, or lost after it had accepted them.")
        {
            Labels = [(ErrorType, "reason")],
        },
        new($"{Edge}acknowledged", "edge_acknowledged_total", "Messages and losses that the hub has stored."),
        new($"{Edge}uplink.up", "edge_uplink_up", "1 while the hub takes messages, else 0.") { IsGauge = true },
        new($"{Edge}mqtt.clients", "edge_mqtt_clients", "Clients of MQTT that are connected to the edge.") { IsGauge = true },
        new($"{Edge}salvages", "edge_salvages_total", "Damaged buffers that were made anew."),
        new($"{Edge}commit.duration", "edge_commit_seconds", "Time in which a group of messages reached the disk.")
        {
            Buckets = EdgeMetrics.CommitLimits,
        },
        new($"{Hub}messages", "hub_messages_total", "Messages of edges that were stored."),
        new($"{Hub}duplicates", "hub_duplicates_total", "Messages of edges that came again and were skipped."),
        new($"{Hub}lost", "hub_lost_total", "Messages that edges have declared as lost."),
        new($"{Hub}dead_letters", "hub_dead_letters_total",
            "Messages of edges that could not be stored as readings and were put aside."),
        new($"{Hub}forwarded", "hub_forwarded_total", "Messages, and rollups as messages, that the next hub has stored."),
        new($"{Hub}forward.dropped", "hub_forward_dropped_total",
            "Messages and rollups that are not forwarded.")
        {
            Labels = [(ErrorType, "reason")],
        },
        new($"{Hub}forward.waiting", "hub_forward_waiting", "Messages and rollups that wait for the next hub.") { IsGauge = true },
        new($"{Hub}sources", "hub_sources", "Sources that the hub knows.") { IsGauge = true },
        new($"{Hub}source.lag.max", "hub_source_lag_seconds_max",
            "How old the last message of a source was when it arrived, the largest of the sources that have sent in the last 15 minutes.")
        {
            IsGauge = true,
        },
        new($"{Hub}source.silence.max", "hub_source_silence_seconds_max",
            "How long ago a source has sent its last message, the longest of the sources that have sent in the last day.")
        {
            IsGauge = true,
        },
        new($"{Hub}commit.duration", "hub_commit_seconds", "How long a transaction of the hub's store took.")
        {
            Buckets = HubMetrics.CommitLimits,
        },
        new($"{Hub}store.size", "hub_store_bytes", "The size of the hub's store.") { IsGauge = true },
        new($"{Hub}store.free", "hub_store_free_bytes", "The free bytes of the disk that has the hub's store.") { IsGauge = true },
    ];
}
