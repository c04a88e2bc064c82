using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>
/// The server's counters, and the <see cref="Meter"/> that shows them to OpenTelemetry and others. A message adds to the counters and
/// calls no listener, except for its duration while somebody listens to durations: the instruments read the counters when somebody
/// collects. No attribute takes a value that a client chooses.
/// </summary>
public sealed class ServerMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "NetworkProtocol.Server";

    internal const string Method = "rpc.method";

    private const string Direction = "network.io.direction";
    private const string ErrorType = "error.type";
    private const string HandshakeOk = "ok";
    private const string HandshakeRefused = "refused";
    private const string Sent = "sent";
    private const string Dropped = "dropped";
    private const string Lost = "lost";
    private const string CertificateName = "networkprotocol.certificate.name";

    private static readonly CloseReason[] Rejections =
        [CloseReason.Banned, CloseReason.ServerFull, CloseReason.TooManyFromAddress, CloseReason.Draining, CloseReason.ReplayCacheFull];

    private readonly StripedCounters _traffic = new(Enum.GetValues<Traffics>().Length);
    private readonly LabelledValues _closed = new(
        "networkprotocol.close.reason",
        Enum.GetValues<CloseReason>().Where(reason => reason != CloseReason.None).Select(reason => reason.ToName()));

    private readonly LabelledValues _rejected = new(ErrorType, Rejections.Select(reason => reason.ToName()));
    private readonly LabelledValues _handshakes = new("networkprotocol.handshake.result", HandshakeOk, HandshakeRefused);
    private readonly LabelledValues _errors = new(ErrorType, ErrorKinds.All);
    private readonly LabelledValues _pushed = new("networkprotocol.push.result", Sent, Dropped, Lost);
    private readonly LabelledValues _certificateExpires = new(CertificateName);
    private readonly LabelledValues _certificateReloaded = new(CertificateName);
    private readonly LabelledValues _certificateChain = new(CertificateName);
    private readonly Histogram<double> _durationInstrument;
    private readonly Lock _lock = new();
    private ImmutableArray<DurationHistogram> _durations = [];
    private long _active;
    private long _connections;
    private long _outOfDescriptors;
    private long _limit;
    private long _drainingSince;

    /// <summary>Makes the meter and its instruments.</summary>
    /// <param name="meters">The host's: its meters are told from those of other hosts in the process, and end with it.</param>
    public ServerMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        ShowConnections(meter);
        ShowTraffic(meter);
        ShowCertificates(meter);
        meter.CreateObservableGauge(
            "networkprotocol.server.drain.start_time",
            () => Interlocked.Read(ref _drainingSince),
            "s",
            "When the drain that is under way began, in Unix seconds; 0 while there is none.");
        _durationInstrument = meter.CreateHistogram(
            "networkprotocol.server.request.duration",
            "s",
            "Time from a request's decoding, or from the end of a flush before it, to its answer.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [.. CommandDurations.Limits.Select(limit => limit.TotalSeconds)],
            });
        Ping = DurationsOf("PING");
        Echo = DurationsOf("ECHO");
    }

    private enum Traffics
    {
        Received,
        Sent,
        BytesReceived,
        BytesSent,
    }

    internal DurationHistogram Ping { get; }

    internal DurationHistogram Echo { get; }

    internal void Commands(IEnumerable<Command> mapped)
    {
        foreach (var command in mapped)
        {
            command.Durations = DurationsOf(command.Name);
        }
    }

    /// <summary>What the counters say at this moment: each the same number as the meter's instruments.</summary>
    public ServerCounts Read() => new(
        (int)Interlocked.Read(ref _active),
        Interlocked.Read(ref _connections),
        _rejected.Sum,
        _handshakes[HandshakeOk],
        _handshakes[HandshakeRefused],
        Read(Traffics.Received),
        Read(Traffics.Sent),
        Read(Traffics.BytesReceived),
        Read(Traffics.BytesSent),
        _errors.Sum);

    /// <summary>How long requests took, by command.</summary>
    public IReadOnlyList<CommandDurations> ReadDurations() => [.. _durations.Select(durations => durations.Read())];

    internal void ShowError(string kind) => _errors.Show(kind);

    internal void ConnectionOpened()
    {
        Interlocked.Increment(ref _active);
        Interlocked.Increment(ref _connections);
    }

    internal void ConnectionClosed(CloseReason reason)
    {
        Interlocked.Decrement(ref _active);
        _closed.Add(reason.ToName());
    }

    internal void Rejected(CloseReason reason) => _rejected.Add(reason.ToName());

    internal void OutOfDescriptors() => Interlocked.Increment(ref _outOfDescriptors);

    internal void Handshake(bool good) => _handshakes.Add(good ? HandshakeOk : HandshakeRefused);

    internal void Error(string kind) => _errors.Add(kind);

    internal void Traffic(long received, long bytesReceived, long sent, long bytesSent)
    {
        var mine = _traffic.Mine;
        Interlocked.Add(ref mine[(int)Traffics.Received], received);
        Interlocked.Add(ref mine[(int)Traffics.Sent], sent);
        Interlocked.Add(ref mine[(int)Traffics.BytesReceived], bytesReceived);
        Interlocked.Add(ref mine[(int)Traffics.BytesSent], bytesSent);
    }

    internal void PushSent() => _pushed.Add(Sent);

    internal void PushDropped(int messages) => _pushed.Add(Dropped, messages);

    internal void PushLost(int messages) => _pushed.Add(Lost, messages);

    internal void Limit(int connections) => Interlocked.Exchange(ref _limit, connections);

    internal void Draining(DateTimeOffset? since) => Interlocked.Exchange(ref _drainingSince, since?.ToUnixTimeSeconds() ?? 0);

    internal void CertificateLoaded(string name, DateTimeOffset expires, bool isChainComplete)
    {
        _certificateChain.Set(name, isChainComplete ? 1 : 0);
        _certificateExpires.Set(name, expires.ToUnixTimeSeconds());
        _certificateReloaded.Set(name, 1);
    }

    internal void CertificateRefused(string name) => _certificateReloaded.Set(name, 0);

    private void ShowConnections(Meter meter)
    {
        const string Unit = "{connection}";
        meter.CreateObservableUpDownCounter(
            "networkprotocol.server.connections.active", () => Interlocked.Read(ref _active), Unit, "Open protocol connections.");
        meter.CreateObservableUpDownCounter(
            "networkprotocol.server.connections.limit", () => Interlocked.Read(ref _limit), Unit, "Protocol connections at once, at most.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.accepted",
            () => Interlocked.Read(ref _connections),
            Unit,
            "Protocol connections accepted.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.rejected", _rejected.Measure, Unit, "Connections refused by a limit.");
        meter.CreateObservableCounter(
            "networkprotocol.server.connections.out_of_descriptors",
            () => Interlocked.Read(ref _outOfDescriptors),
            Unit,
            "Connections to any port refused because the process may open no more files and sockets.");
        meter.CreateObservableCounter("networkprotocol.server.connections.closed", _closed.Measure, Unit, "Connections ended.");
        meter.CreateObservableCounter(
            "networkprotocol.server.handshakes", _handshakes.Measure, "{handshake}", "Handshakes, TLS's and ours.");
        meter.CreateObservableCounter("networkprotocol.server.errors", _errors.Measure, "{error}", "Errors.");
    }

    private void ShowTraffic(Meter meter)
    {
        meter.CreateObservableCounter(
            "networkprotocol.server.messages",
            () => Measure(Traffics.Received, Traffics.Sent),
            "{message}",
            "Messages received and sent.");
        meter.CreateObservableCounter(
            "networkprotocol.server.io",
            () => Measure(Traffics.BytesReceived, Traffics.BytesSent),
            "By",
            "Bytes of packets received and sent.");
        meter.CreateObservableCounter(
            "networkprotocol.server.pushes",
            _pushed.Measure,
            "{message}",
            "Messages to clients that have not asked: sent, dropped because the outbox was full, lost with the connection.");
    }

    private void ShowCertificates(Meter meter)
    {
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.expiry_time",
            _certificateExpires.Measure,
            "s",
            "When a certificate expires, in Unix seconds.");
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.chain_complete",
            _certificateChain.Measure,
            "1",
            "1 if a client that knows the root alone finds its way from the certificate to it, else 0.");
        meter.CreateObservableGauge(
            "networkprotocol.server.certificate.reload_successful",
            _certificateReloaded.Measure,
            "1",
            "1 if the last attempt to load a certificate went well, else 0: the one before stays in use.");
    }

    private Measurement<long>[] Measure(Traffics received, Traffics sent) =>
    [
        new(Read(received), KeyValuePair.Create<string, object?>(Direction, "receive")),
        new(Read(sent), KeyValuePair.Create<string, object?>(Direction, "transmit")),
    ];

    private long Read(Traffics what) => _traffic.Read((int)what);

    private DurationHistogram DurationsOf(string command)
    {
        lock (_lock)
        {
            var durations = _durations.FirstOrDefault(durations => durations.Command == command);
            if (durations is null)
            {
                durations = new DurationHistogram(command, _durationInstrument);
                _durations = _durations.Add(durations);
            }

            return durations;
        }
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
