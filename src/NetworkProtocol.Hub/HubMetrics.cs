using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub;

/// <summary>
/// The hub's meter. The counters count from the start of the process; <see cref="IHubReader.TotalsAsync"/> counts from the beginning.
/// </summary>
public sealed class HubMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "NetworkProtocol.Hub";

    /// <summary>The instrument that measures how long transactions take.</summary>
    internal const string CommitDuration = "networkprotocol.hub.commit.duration";

    /// <summary>For how long a source counts as one that sends. One that is gone is silent, and does not lag.</summary>
    private static readonly TimeSpan Sending = TimeSpan.FromMinutes(15);

    /// <summary>For how long a source counts as silent. After that it is gone for good, and nobody waits for it.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromDays(1);

    /// <summary>For how long a transaction says something about the store.</summary>
    private static readonly TimeSpan LastCommitCounts = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Source, Lane Lane), (long Arrival, long Lag)> _lags = [];
    private readonly Histogram<double> _commits;
    private readonly Meter _meter;
    private readonly TimeProvider _time;
    private Func<long> _storeBytes = () => 0;
    private Func<long> _forwarded = () => 0;
    private Func<IEnumerable<(string Reason, long Count)>> _forwardDropped = () => ForwardTally.Reasons.Select(reason => (reason, 0L));
    private Func<long> _forwardWaiting = () => 0;
    private volatile LastCommit? _lastCommit;
    private long _messages;
    private long _duplicates;
    private long _lost;
    private long _deadLetters;
    private long _sources;

    /// <summary>Makes the meter and its instruments.</summary>
    /// <param name="meters">The host's factory of meters.</param>
    /// <param name="time">The clock.</param>
    public HubMetrics(IMeterFactory meters, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _time = time;
        var meter = _meter = meters.Create(MeterName);
        const string Message = "{message}";
        meter.CreateObservableCounter(
            "networkprotocol.hub.messages", () => Interlocked.Read(ref _messages), Message, "Messages of edges that were stored.");
        meter.CreateObservableCounter(
            "networkprotocol.hub.duplicates",
            () => Interlocked.Read(ref _duplicates),
            Message,
            "Messages of edges that came again and were skipped.");
        meter.CreateObservableCounter(
            "networkprotocol.hub.lost", () => Interlocked.Read(ref _lost), Message, "Messages that edges have declared as lost.");
        meter.CreateObservableCounter(
            "networkprotocol.hub.dead_letters",
            () => Interlocked.Read(ref _deadLetters),
            Message,
            "Messages of edges that could not be stored as readings and were put aside.");
        meter.CreateObservableGauge(
            "networkprotocol.hub.sources", () => Interlocked.Read(ref _sources), "{source}", "Sources that the hub knows.");
        meter.CreateObservableGauge(
            "networkprotocol.hub.source.lag.max",
            LargestLag,
            "s",
            "How old the last message of a source was when it arrived, the largest of the sources that have sent in the last 15 minutes.");
        meter.CreateObservableGauge(
            "networkprotocol.hub.source.silence.max",
            LongestSilence,
            "s",
            "How long ago a source has sent its last message, the longest of the sources that have sent in the last day.");
        meter.CreateObservableGauge("networkprotocol.hub.store.size", () => _storeBytes(), "By", "The size of the hub's store.");
        meter.CreateObservableCounter(
            "networkprotocol.hub.forwarded",
            () => _forwarded(),
            Message,
            "Messages, and rollups as messages, that the next hub has stored.");
        meter.CreateObservableCounter(
            "networkprotocol.hub.forward.dropped",
            () => _forwardDropped().Select(
                drop => new Measurement<long>(drop.Count, new KeyValuePair<string, object?>("error.type", drop.Reason))),
            Message,
            "Messages and rollups that are not forwarded.");
        meter.CreateObservableGauge(
            "networkprotocol.hub.forward.waiting", () => _forwardWaiting(), Message, "Messages and rollups that wait for the next hub.");
        _commits = meter.CreateHistogram(
            CommitDuration,
            "s",
            "How long a transaction of the hub's store took.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = CommitLimits });
    }

    /// <summary>The boundaries of the histogram in seconds.</summary>
    internal static double[] CommitLimits { get; } = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>How long the last transaction took; zero if that was more than a minute ago.</summary>
    internal TimeSpan LastCommitTook =>
        _lastCommit is { } last && _time.GetElapsedTime(last.At) < LastCommitCounts ? last.Took : TimeSpan.Zero;

    internal void MeasureStore(Func<long> bytes) => _storeBytes = bytes;

    /// <summary>Measures the disk of a store that is on this machine.</summary>
    internal void MeasureDisk(Func<long?> freeBytes) => _meter.CreateObservableGauge(
        "networkprotocol.hub.store.free",
        () => freeBytes() is { } free ? [new Measurement<long>(free)] : (Measurement<long>[])[],
        "By",
        "The free bytes of the disk that has the hub's store.");

    internal void MeasureForward(Func<long> forwarded, Func<IEnumerable<(string Reason, long Count)>> dropped, Func<long> waiting) =>
        (_forwarded, _forwardDropped, _forwardWaiting) = (forwarded, dropped, waiting);

    internal void Committed(TimeSpan took, StoredCounts counts, long sources)
    {
        Interlocked.Add(ref _messages, counts.Messages);
        Interlocked.Add(ref _duplicates, counts.Duplicates);
        Interlocked.Exchange(ref _lost, StoredCounts.Add(Interlocked.Read(ref _lost), counts.Lost)); // the writer alone changes it
        Interlocked.Add(ref _deadLetters, counts.DeadLetters);
        Interlocked.Exchange(ref _sources, sources);
        foreach (var (source, lane, arrival, lag) in counts.Lags)
        {
            _lags[(source, lane)] = (arrival, lag);
        }

        _lastCommit = new LastCommit(took, _time.GetTimestamp());
        _commits.Record(took.TotalSeconds);
    }

    private long LargestLag()
    {
        var since = Before(Sending);
        return _lags.Values.Where(last => last.Arrival >= since).Select(last => last.Lag).DefaultIfEmpty().Max() / 1000;
    }

    private long LongestSilence()
    {
        var (now, since) = (Before(TimeSpan.Zero), Before(Silent));
        foreach (var (lane, _) in _lags.Where(last => last.Value.Arrival < since))
        {
            _lags.TryRemove(lane, out _);
        }

        return _lags.GroupBy(last => last.Key.Source, last => now - last.Value.Arrival, StringComparer.Ordinal)
            .Select(source => source.Min()).DefaultIfEmpty().Max() / 1000;
    }

    private long Before(TimeSpan time) => (_time.GetUtcNow() - time).ToUnixTimeMilliseconds();

    private sealed record LastCommit(TimeSpan Took, long At);
}
