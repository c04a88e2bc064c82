using System.Diagnostics.Metrics;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>
/// The server's counters, and the <see cref="Meter"/> that shows them to OpenTelemetry and others. A message adds to the counters and
/// calls no listener, except for its duration while somebody listens to durations: <see cref="ServerInstruments"/> read the counters
/// when somebody collects. No attribute takes a value that a client chooses.
/// </summary>
public sealed class ServerMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "NetworkProtocol.Server";

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
    private readonly RequestDurations _durations;
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
        ServerInstruments.Create(meter, this);
        _durations = new RequestDurations(meter);
        Ping = _durations.Of("PING");
        Echo = _durations.Of("ECHO");
    }

    private enum Traffics
    {
        Received,
        Sent,
        BytesReceived,
        BytesSent,
    }

    internal LabelledValues ClosedConnections { get; } = new(
        "networkprotocol.close.reason",
        Enum.GetValues<CloseReason>().Where(reason => reason != CloseReason.None).Select(reason => reason.ToName()));

    internal LabelledValues RejectedConnections { get; } = new(ErrorType, Rejections.Select(reason => reason.ToName()));

    internal LabelledValues Handshakes { get; } = new("networkprotocol.handshake.result", HandshakeOk, HandshakeRefused);

    internal LabelledValues Errors { get; } = new(ErrorType, ErrorKinds.All);

    internal LabelledValues Pushes { get; } = new("networkprotocol.push.result", Sent, Dropped, Lost);

    internal LabelledValues CertificateExpiries { get; } = new(CertificateName);

    internal LabelledValues CertificateReloads { get; } = new(CertificateName);

    internal LabelledValues CertificateChains { get; } = new(CertificateName);

    internal long ActiveConnections => Interlocked.Read(ref _active);

    internal long AcceptedConnections => Interlocked.Read(ref _connections);

    internal long ConnectionLimit => Interlocked.Read(ref _limit);

    internal long RefusedForDescriptors => Interlocked.Read(ref _outOfDescriptors);

    internal long DrainingSince => Interlocked.Read(ref _drainingSince);

    internal long MessagesReceived => Read(Traffics.Received);

    internal long MessagesSent => Read(Traffics.Sent);

    internal long BytesReceived => Read(Traffics.BytesReceived);

    internal long BytesSent => Read(Traffics.BytesSent);

    internal DurationHistogram Ping { get; }

    internal DurationHistogram Echo { get; }

    internal void Commands(IEnumerable<Command> mapped)
    {
        foreach (var command in mapped)
        {
            command.Durations = _durations.Of(command.Name);
        }
    }

    /// <summary>What the counters say at this moment: each the same number as the meter's instruments.</summary>
    public ServerCounts Read() => new(
        (int)ActiveConnections,
        AcceptedConnections,
        RejectedConnections.Sum,
        Handshakes[HandshakeOk],
        Handshakes[HandshakeRefused],
        MessagesReceived,
        MessagesSent,
        BytesReceived,
        BytesSent,
        Errors.Sum);

    /// <summary>How long requests took, by command.</summary>
    public IReadOnlyList<CommandDurations> ReadDurations() => _durations.Read();

    internal void ShowError(string kind) => Errors.Show(kind);

    internal void ConnectionOpened()
    {
        Interlocked.Increment(ref _active);
        Interlocked.Increment(ref _connections);
    }

    internal void ConnectionClosed(CloseReason reason)
    {
        Interlocked.Decrement(ref _active);
        ClosedConnections.Add(reason.ToName());
    }

    internal void Rejected(CloseReason reason) => RejectedConnections.Add(reason.ToName());

    internal void OutOfDescriptors() => Interlocked.Increment(ref _outOfDescriptors);

    internal void Handshake(bool good) => Handshakes.Add(good ? HandshakeOk : HandshakeRefused);

    internal void Error(string kind) => Errors.Add(kind);

    internal void Traffic(long received, long bytesReceived, long sent, long bytesSent)
    {
        var mine = _traffic.Mine;
        Interlocked.Add(ref mine[(int)Traffics.Received], received);
        Interlocked.Add(ref mine[(int)Traffics.Sent], sent);
        Interlocked.Add(ref mine[(int)Traffics.BytesReceived], bytesReceived);
        Interlocked.Add(ref mine[(int)Traffics.BytesSent], bytesSent);
    }

    internal void PushSent() => Pushes.Add(Sent);

    internal void PushDropped(int messages) => Pushes.Add(Dropped, messages);

    internal void PushLost(int messages) => Pushes.Add(Lost, messages);

    internal void Limit(int connections) => Interlocked.Exchange(ref _limit, connections);

    internal void Draining(DateTimeOffset? since) => Interlocked.Exchange(ref _drainingSince, since?.ToUnixTimeSeconds() ?? 0);

    internal void CertificateLoaded(string name, DateTimeOffset expires, bool isChainComplete)
    {
        CertificateChains.Set(name, isChainComplete ? 1 : 0);
        CertificateExpiries.Set(name, expires.ToUnixTimeSeconds());
        CertificateReloads.Set(name, 1);
    }

    internal void CertificateRefused(string name) => CertificateReloads.Set(name, 0);

    private long Read(Traffics what) => _traffic.Read((int)what);
}
