using Microsoft.Extensions.Logging;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Commands;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>Judges what can go to the next hub, counts what waits and what never gets there, and logs the latter now and then.</summary>
/// <param name="own">The name of this hub at the next one.</param>
/// <param name="options">How the hub forwards.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class ForwardTally(string own, HubForwardOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Why something is not forwarded: the label <c>reason</c> of <c>hub_forward_dropped_total</c>.</summary>
    public static readonly string[] Reasons = ["backlog", "topic", "retention", "loop", "damaged", "hub_restored"];

    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Occasion _logDropped = new(LogInterval, time);
    private readonly Occasion _logLoop = new(LogInterval, time);
    private readonly Occasion _logUncounted = new(LogInterval, time);
    private readonly Occasion _logTopic = new(LogInterval, time);
    private readonly CountedRollups _tooOld = new();
    private readonly CountedRollups _tooLongRollups = new();
    private ForwardBacklog _backlog = ForwardBacklog.None;
    private long _dropped;
    private long _tooLong;
    private long _looped;
    private long _lostByHub;
    private long _damaged;
    private long _loggedTooOld;

    /// <summary>What waited in the store when it was last counted.</summary>
    public ForwardBacklog Backlog => Volatile.Read(ref _backlog);

    /// <summary>How many messages and rollups that were.</summary>
    public long Waiting => Backlog.Messages + Backlog.Rollups;

    /// <summary>How many were dropped because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many have a topic that is too long with the name of its source.</summary>
    public long TooLong => Interlocked.Read(ref _tooLong) + _tooLongRollups.Count;

    /// <summary>How many messages and changes of rollups this hub had forwarded before, so that hubs forward to each other.</summary>
    public long Looped => Interlocked.Read(ref _looped);

    /// <summary>How many rollups are not forwarded because this hub keeps them no longer.</summary>
    public long TooOld => _tooOld.Count + TooLate();

    /// <summary>Says how many of those were too old when their last change came, which the store counts.</summary>
    public Func<long> TooLate { get; init; } = () => 0;

    /// <summary>All that is not forwarded, by reason.</summary>
    /// <param name="damaged">How many messages damage has taken, beside those of <see cref="NoteDamaged"/>.</param>
    /// <param name="lostByHub">How many messages the next hub has lost, beside those of <see cref="NoteLostByHub"/>.</param>
    public IEnumerable<(string Reason, long Count)> Drops(long damaged, long lostByHub) =>
        Reasons.Zip<string, long>([
            Dropped, TooLong, TooOld, Looped, damaged + Interlocked.Read(ref _damaged), lostByHub + Interlocked.Read(ref _lostByHub)]);

    /// <summary>Whether the next hub would take it, and has not sent it here.</summary>
    public bool CanGo(string origin, string topic) => ForwardTopic.HasRoom(origin, topic) && !ForwardTopic.IsLoop(own, topic);

    /// <summary>Notes what waits and what was dropped. One caller alone may count at a time.</summary>
    public void Counted(ForwardBacklog backlog)
    {
        Volatile.Write(ref _backlog, backlog);
        if (backlog.Dropped > 0)
        {
            Interlocked.Add(ref _dropped, backlog.Dropped);
            if (_logDropped.IsNow())
            {
                HubLog.ForwardDropped(logger, options.Address, Dropped, options.MaxBacklog, options.MaxBacklogBytes);
            }
        }

        if (TooOld > _loggedTooOld)
        {
            _loggedTooOld = TooOld;
            HubLog.ForwardTooOld(logger, TooOld, options.Address);
        }
    }

    /// <summary>Notes that what waits could not be counted, so that none of it is dropped.</summary>
    public void NoteUncounted(string reason)
    {
        if (_logUncounted.IsNow())
        {
            HubLog.ForwardUncounted(logger, options.Address, reason);
        }
    }

    /// <summary>Notes messages that cannot go.</summary>
    public void NoteRefused(IEnumerable<(string Source, string Topic)> messages)
    {
        foreach (var (origin, topic) in messages)
        {
            if (!NoteLoop(origin, topic))
            {
                Interlocked.Increment(ref _tooLong);
                LogTooLong(origin, topic);
            }
        }
    }

    /// <summary>Notes rollups that cannot go.</summary>
    public void NoteRefused(IEnumerable<ForwardRollup> rollups)
    {
        foreach (var one in rollups)
        {
            if (one.Sum is null)
            {
                _tooOld.Add(one.Series, one.Resolution, one.Start);
            }
            else if (!NoteLoop(one.Source, one.Topic) && _tooLongRollups.Add(one.Series, one.Resolution, one.Start))
            {
                LogTooLong(one.Source, one.Topic);
            }
        }
    }

    /// <summary>Notes rollups that this hub keeps no longer.</summary>
    public void NoteTooOld(IEnumerable<(long Series, Resolution Resolution, long Start)> rollups)
    {
        foreach (var (series, resolution, start) in rollups)
        {
            _tooOld.Add(series, resolution, start);
        }
    }

    /// <summary>Notes messages that the next hub has lost after it had acknowledged them.</summary>
    public void NoteLostByHub(long count) => Interlocked.Add(ref _lostByHub, count);

    /// <summary>Notes messages that are gone from the store.</summary>
    public void NoteDamaged(long count) => Interlocked.Add(ref _damaged, count);

    private bool NoteLoop(string origin, string topic)
    {
        if (!ForwardTopic.IsLoop(own, topic))
        {
            return false;
        }

        Interlocked.Increment(ref _looped);
        if (_logLoop.IsNow())
        {
            HubLog.ForwardLoop(logger, options.Address, origin, topic);
        }

        return true;
    }

    private void LogTooLong(string origin, string topic)
    {
        if (_logTopic.IsNow())
        {
            HubLog.TopicTooLong(logger, origin, topic, Topic.MaxBytes);
        }
    }
}
