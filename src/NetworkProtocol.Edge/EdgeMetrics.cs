using System.Diagnostics.Metrics;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Intake.Mqtt;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge;

/// <summary>The edge's counters, and the <see cref="Meter"/> that shows them.</summary>
public sealed class EdgeMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "NetworkProtocol.Edge";

    private const string Prefix = "networkprotocol.edge.";

    internal static double[] CommitLimits { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    /// <summary>For how long a commit says something about the disk.</summary>
    private static readonly TimeSpan LastCommitCounts = TimeSpan.FromMinutes(1);

    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private readonly long[] _accepted = new long[Enum.GetValues<Lane>().Length];
    private readonly long[] _dropped = new long[Enum.GetValues<Drop>().Length];
    private readonly long[,] _inDoubt = new long[Enum.GetValues<Lane>().Length, Enum.GetValues<Drop>().Length];
    private readonly long[] _droppedAt = new long[Enum.GetValues<Drop>().Length]; // in milliseconds since 1970; 0: never
    private readonly MinuteRate[] _in;
    private readonly MinuteRate[] _out;
    private readonly Histogram<double> _commit;
    private volatile LastCommit? _lastCommit;
    private long _acknowledged;
    private long _sent;
    private long _hubRestored;
    private long _salvages;
    private int _uplinkUp;
    private MessageBuffer? _buffer;

    /// <summary>Makes the meter and its instruments.</summary>
    /// <param name="meters">The host's.</param>
    /// <param name="time">The clock.</param>
    public EdgeMetrics(IMeterFactory meters, TimeProvider time)
        : this(MeterOf(meters), time)
    {
    }

    internal EdgeMetrics(Meter meter, TimeProvider time)
    {
        _meter = meter;
        _time = time;
        _in = [.. Enum.GetValues<Lane>().Select(_ => new MinuteRate(time))];
        _out = [.. Enum.GetValues<Lane>().Select(_ => new MinuteRate(time))];
        _meter.CreateObservableCounter(
            $"{Prefix}messages", () => Enum.GetValues<Lane>().Select(lane => Measure(_accepted[(int)lane], "networkprotocol.lane", lane)),
            "{message}", "Messages accepted from sensors and kept on disk.");
        _meter.CreateObservableCounter(
            $"{Prefix}dropped", () => Enum.GetValues<Drop>().Select(drop => Measure(_dropped[(int)drop], "error.type", drop)),
            "{message}", "Messages that the edge refused, or lost after it had accepted them.");
        _meter.CreateObservableCounter(
            $"{Prefix}acknowledged",
            () => Interlocked.Read(ref _acknowledged),
            "{message}",
            "Messages and losses that the hub has stored.");
        _meter.CreateObservableCounter(
            $"{Prefix}salvages", () => Interlocked.Read(ref _salvages), "{salvage}", "Damaged buffers that were made anew.");
        _meter.CreateObservableGauge($"{Prefix}uplink.up", () => (long)_uplinkUp, null, "1 while the hub takes messages, else 0.");
        _commit = _meter.CreateHistogram(
            $"{Prefix}commit.duration", "s", "Time in which a group of messages reached the disk.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = CommitLimits });
    }

    /// <summary>The messages in the buffer; 0 without one.</summary>
    internal long Buffered => _buffer?.State?.Messages ?? 0;

    /// <summary>The messages and losses that the hub has stored.</summary>
    internal long AcknowledgedTotal => Interlocked.Read(ref _acknowledged);

    /// <summary>The messages alone.</summary>
    internal long SentTotal => Interlocked.Read(ref _sent);

    /// <summary>The messages that the hub lost after it had acknowledged them.</summary>
    internal long HubRestoredTotal => Interlocked.Read(ref _hubRestored);

    /// <summary>How long the last group of messages took to reach the disk; zero if that was more than a minute ago.</summary>
    internal TimeSpan LastCommitTook =>
        _lastCommit is { } last && _time.GetElapsedTime(last.At) < LastCommitCounts ? last.Took : TimeSpan.Zero;

    internal long AcceptedOf(Lane lane) => Interlocked.Read(ref _accepted[(int)lane]);

    internal long DroppedFor(Drop drop) => Interlocked.Read(ref _dropped[(int)drop]);

    internal DateTimeOffset? DroppedAt(Drop drop) =>
        Interlocked.Read(ref _droppedAt[(int)drop]) is > 0 and var at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    internal double InPerSecond(Lane lane) => _in[(int)lane].PerSecond;

    internal double OutPerSecond(Lane lane) => _out[(int)lane].PerSecond;

    internal void Accepted(Lane lane, long count = 1)
    {
        Interlocked.Add(ref _accepted[(int)lane], count);
        _in[(int)lane].Add(count);
    }

    internal void Dropped(Drop drop, long count)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _dropped[(int)drop], count);
            Interlocked.Exchange(ref _droppedAt[(int)drop], _time.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    /// <summary>
    /// Notes messages that were dropped on their way to the hub. They count when it is known that the hub does not have them.
    /// </summary>
    internal void DroppedInDoubt(Lane lane, Drop drop, long count) => Interlocked.Add(ref _inDoubt[(int)lane, (int)drop], count);

    /// <summary>Ends the doubt about a lane: the hub has, or does not have, what was on its way.</summary>
    internal void EndDoubt(Lane lane, bool isStored)
    {
        foreach (var drop in Enum.GetValues<Drop>())
        {
            var count = Interlocked.Exchange(ref _inDoubt[(int)lane, (int)drop], 0);
            Dropped(drop, isStored ? 0 : count);
        }
    }

    /// <summary>Counts what the hub has stored.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="count">The messages and losses.</param>
    /// <param name="messages">The messages alone.</param>
    internal void Acknowledged(Lane lane, long count, long messages)
    {
        Interlocked.Add(ref _acknowledged, count);
        Interlocked.Add(ref _sent, messages);
        _out[(int)lane].Add(messages);
    }

    internal void HubRestored(long lost) => Interlocked.Add(ref _hubRestored, lost);

    internal void Salvaged(long lost)
    {
        Interlocked.Increment(ref _salvages);
        Dropped(Drop.Damaged, lost);
    }

    internal void Uplink(bool isUp) => Volatile.Write(ref _uplinkUp, isUp ? 1 : 0);

    internal void Committed(TimeSpan duration)
    {
        _lastCommit = new LastCommit(duration, _time.GetTimestamp());
        _commit.Record(duration.TotalSeconds);
    }

    internal void Watch(MessageBuffer buffer, BufferLimits limits)
    {
        _buffer = buffer;
        _meter.CreateObservableGauge(
            $"{Prefix}buffer.messages", () => buffer.State?.Messages ?? 0, "{message}", "Messages in the buffer.");
        _meter.CreateObservableGauge($"{Prefix}buffer.size", () => buffer.State?.Bytes ?? 0, "By", "Bytes of the messages in the buffer.");
        _meter.CreateObservableGauge(
            $"{Prefix}buffer.oldest",
            () => AgeOf(buffer.State?.OldestTime),
            "s",
            "Age of the oldest message in the buffer; 0 if it is empty.");
        _meter.CreateObservableGauge(
            $"{Prefix}buffer.limit", () => limits.Messages, "{message}", "Messages that the buffer holds at most.");
        _meter.CreateObservableGauge(
            $"{Prefix}buffer.size.limit", () => limits.Bytes, "By", "Bytes of the messages that the buffer holds at most.");
    }

    internal void Watch(MqttClients clients) => _meter.CreateObservableGauge(
        $"{Prefix}mqtt.clients", () => (long)clients.Count, "{client}", "Clients of MQTT that are connected.");

    private static Meter MeterOf(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        return meters.Create(MeterName);
    }

    private static Measurement<long> Measure<T>(long value, string attribute, T member)
        where T : struct, Enum => new(value, new KeyValuePair<string, object?>(attribute, NameOf(member)));

    internal static string NameOf<T>(T member)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());

    private long AgeOf(long? time) => time is { } at
        ? Math.Max(0, (long)(_time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at)).TotalSeconds)
        : 0;

    private sealed record LastCommit(TimeSpan Took, long At);
}
