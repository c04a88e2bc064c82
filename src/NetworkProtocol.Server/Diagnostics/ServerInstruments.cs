using System.Diagnostics.Metrics;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>The instruments of the server's meter. They read the counters of <see cref="ServerMetrics"/> when somebody collects.</summary>
internal static class ServerInstruments
{
    private const string Direction = "network.io.direction";

    public static void Create(Meter meter, ServerMetrics counters)
    {
        CreateConnections(meter, counters);
        CreateTraffic(meter, counters);
        CreateCertificates(meter, counters);
        meter.CreateObservableGauge(
            "networkprotocol.server.drain.start_time",
            () => counters.DrainingSince,
            "s",
            "When the drain that is under way began, in Unix seconds; 0 while there is none.");
    }

    private static void CreateConnections(Meter meter, ServerMetrics counters)
    {
        const string Unit = "{connection}";
        meter.CreateObservableUpDownCounter(
            "networkprotocol.server.connections.active", () => counters.ActiveConnections, Unit, "Open protocol connections.");
        meter.CreateObservableUpDownCounter(
            "networkprotocol.server.connections.limit", () => counters.ConnectionLimit, Unit, "Protocol connections at once, at most.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.accepted",
            () => counters.AcceptedConnections,
            Unit,
            "Protocol connections accepted.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.rejected", counters.RejectedConnections.Measure, Unit, "Connections refused by a limit.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.out_of_descriptors",
            () => counters.RefusedForDescriptors,
            Unit,
            "Connections to any port refused because the process may open no more files and sockets.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.closed", counters.ClosedConnections.Measure, Unit, "Connections ended.");
        meter.CreateObservableCounter(
            "networkprotocol.server.handshakes", counters.Handshakes.Measure, "{handshake}", "Handshakes, TLS's and ours.");
        meter.CreateObservableCounter("networkprotocol.server.errors", counters.Errors.Measure, "{error}", "Errors.");
    }

    private static void CreateTraffic(Meter meter, ServerMetrics counters)
    {
        meter.CreateObservableCounter(
            "networkprotocol.server.messages",
            () => ByDirection(counters.MessagesReceived, counters.MessagesSent),
            "{message}",
            "Messages received and sent.");
        meter.CreateObservableCounter(
            "networkprotocol.server.io",
            () => ByDirection(counters.BytesReceived, counters.BytesSent),
            "By",
            "Bytes of packets received and sent.");
        meter.CreateObservableCounter(
            "networkprotocol.server.pushes",
            counters.Pushes.Measure,
            "{message}",
            "Messages to clients that have not asked: sent, dropped because the outbox was full, lost with the connection.");
    }

    private static void CreateCertificates(Meter meter, ServerMetrics counters)
    {
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.expiry_time",
            counters.CertificateExpiries.Measure,
            "s",
            "When a certificate expires, in Unix seconds.");
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.chain_complete",
            counters.CertificateChains.Measure,
            "1",
            "1 if a client that knows the root alone finds its way from the certificate to it, else 0.");
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.reload_successful",
            counters.CertificateReloads.Measure,
            "1",
            "1 if the last attempt to load a certificate went well, else 0: the one before stays in use.");
    }

    private static Measurement<long>[] ByDirection(long received, long sent) =>
    [
        new(received, KeyValuePair.Create<string, object?>(Direction, "receive")),
        new(sent, KeyValuePair.Create<string, object?>(Direction, "transmit")),
    ];
}
