using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using Prometheus;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>The server's Prometheus metrics; no label takes a value that a client chooses.</summary>
public sealed class ServerMetrics
{
    private const string HandshakeOk = "ok";
    private const string HandshakeRefused = "refused";

    private static readonly CloseReason[] Rejections =
        [CloseReason.Banned, CloseReason.ServerFull, CloseReason.TooManyFromAddress, CloseReason.Draining, CloseReason.ReplayCacheFull];

    private readonly Gauge _active;
    private readonly Counter _connections;
    private readonly Counter _messages;
    private readonly Counter _received;
    private readonly Counter _sent;
    private readonly Counter _bytesReceived;
    private readonly Counter _bytesSent;
    private readonly Counter _rejected;
    private readonly Counter _outOfDescriptors;
    private readonly Counter _closed;
    private readonly Counter _handshakes;
    private readonly Counter _errors;
    private readonly Counter.Child _pushSent;
    private readonly Counter.Child _pushDropped;
    private readonly Counter.Child _pushLost;
    private readonly Histogram _durations;
    private readonly Gauge _certificateExpires;
    private readonly Gauge _certificateReloaded;
    private readonly Gauge _certificateChain;
    private readonly Gauge _limit;
    private readonly Gauge _drainingSince;

    /// <summary>Registers the metrics.</summary>
    public ServerMetrics(CollectorRegistry registry)
    {
        var factory = Metrics.WithCustomRegistry(registry);
        factory.ExemplarBehavior = ExemplarBehavior.NoExemplars();
        _active = factory.CreateGauge("connections_active", "Open protocol connections.");
        _limit = factory.CreateGauge("connections_limit", "Protocol connections at once, at most.");
        _drainingSince = factory.CreateGauge(
            "server_draining_since_timestamp_seconds", "When the drain that is under way began, in Unix seconds; 0 while there is none.");
        _connections = factory.CreateCounter("connections_total", "Protocol connections accepted.");
        _messages = factory.CreateCounter("messages_total", "Messages received and sent.");
        _received = factory.CreateCounter("messages_received", "Messages received.");
        _sent = factory.CreateCounter("messages_sent", "Messages sent.");
        _bytesReceived = factory.CreateCounter("bytes_received_total", "Bytes of packets received.");
        _bytesSent = factory.CreateCounter("bytes_sent_total", "Bytes of packets sent.");
        _rejected = factory.CreateCounter("connections_rejected_total", "Connections refused by a limit.", "reason");
        _outOfDescriptors = factory.CreateCounter(
            "connections_out_of_descriptors_total", "Connections to any port refused because the process may open no more files and sockets.");
        _closed = factory.CreateCounter("connections_closed_total", "Connections ended.", "reason");
        _handshakes = factory.CreateCounter("handshakes_total", "Handshakes, TLS's and ours.", "result");
        _errors = factory.CreateCounter("errors_total", "Errors.", "kind");
        var pushed = factory.CreateCounter(
            "push_messages_total", "Messages to clients that have not asked: sent, dropped because the outbox was full, lost with the connection.", "result");
        (_pushSent, _pushDropped, _pushLost) = (pushed.WithLabels("sent"), pushed.WithLabels("dropped"), pushed.WithLabels("lost"));
        _certificateExpires = factory.CreateGauge(
            "certificate_expires_timestamp_seconds", "When a certificate expires, in Unix seconds.", "name");
        _certificateChain = factory.CreateGauge(
            "certificate_chain_complete", "1 if a client that knows the root alone finds its way from the certificate to it, else 0.", "name");
        _certificateReloaded = factory.CreateGauge(
            "certificate_last_reload_successful", "1 if the last attempt to load a certificate went well, else 0: the one before stays in use.", "name");
        _durations = factory.CreateHistogram("request_duration_seconds", "Time from a request's decoding, or from the end of a flush before it, to its answer.", ["command"],
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.000_001, 4, 13) });
        ShowZeros();
        Ping = _durations.WithLabels("PING");
        Echo = _durations.WithLabels("ECHO");
    }

    internal Histogram.Child Ping { get; }

    internal Histogram.Child Echo { get; }

    internal void Commands(IEnumerable<Command> mapped)
    {
        foreach (var command in mapped)
        {
            command.Durations = _durations.WithLabels(command.Name);
        }
    }

    /// <summary>What the counters say at this moment: each the same number as in <c>/metrics</c>.</summary>
    public ServerCounts Read() => new(
        (int)_active.Value,
        (long)_connections.Value,
        (long)Sum(_rejected),
        (long)_handshakes.WithLabels(HandshakeOk).Value,
        (long)_handshakes.WithLabels(HandshakeRefused).Value,
        (long)_received.Value,
        (long)_sent.Value,
        (long)_bytesReceived.Value,
        (long)_bytesSent.Value,
        (long)Sum(_errors));

    internal void ShowError(string kind) => _errors.WithLabels(kind);

    internal void ConnectionOpened()
    {
        _active.Inc();
        _connections.Inc();
    }

    internal void ConnectionClosed(CloseReason reason)
    {
        _active.Dec();
        _closed.WithLabels(reason.ToName()).Inc();
    }

    internal void Rejected(CloseReason reason) => _rejected.WithLabels(reason.ToName()).Inc();

    internal void OutOfDescriptors() => _outOfDescriptors.Inc();

    internal void Handshake(bool good) => _handshakes.WithLabels(good ? HandshakeOk : HandshakeRefused).Inc();

    internal void Error(string kind) => _errors.WithLabels(kind).Inc();

    internal void Traffic(long received, long bytesReceived, long sent, long bytesSent)
    {
        _messages.Inc(received + sent);
        _received.Inc(received);
        _sent.Inc(sent);
        _bytesReceived.Inc(bytesReceived);
        _bytesSent.Inc(bytesSent);
    }

    internal void PushSent() => _pushSent.Inc();

    internal void PushDropped(int messages) => _pushDropped.Inc(messages);

    internal void PushLost(int messages) => _pushLost.Inc(messages);

    internal void Limit(int connections) => _limit.Set(connections);

    internal void Draining(DateTimeOffset? since) => _drainingSince.Set(since?.ToUnixTimeSeconds() ?? 0);

    internal void CertificateLoaded(string name, DateTimeOffset expires, bool isChainComplete)
    {
        _certificateChain.WithLabels(name).Set(isChainComplete ? 1 : 0);
        _certificateExpires.WithLabels(name).SetToTimeUtc(expires);
        _certificateReloaded.WithLabels(name).Set(1);
    }

    internal void CertificateRefused(string name) => _certificateReloaded.WithLabels(name).Set(0);

    // rate() and increase() see a counter only from its first sample on: one that came with its first event would hide that event.
    private void ShowZeros()
    {
        foreach (var reason in Enum.GetValues<CloseReason>().Where(reason => reason != CloseReason.None))
        {
            _closed.WithLabels(reason.ToName());
        }

        foreach (var reason in Rejections)
        {
            _rejected.WithLabels(reason.ToName());
        }

        foreach (var kind in ErrorKinds.All)
        {
            _errors.WithLabels(kind);
        }

        _handshakes.WithLabels(HandshakeOk);
        _handshakes.WithLabels(HandshakeRefused);
    }

    private static double Sum(Counter counter)
    {
        var sum = 0.0;
        foreach (var labels in counter.GetAllLabelValues())
        {
            sum += counter.WithLabels(labels).Value;
        }

        return sum;
    }
}

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
