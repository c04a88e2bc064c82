using NetworkProtocol.Edge;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Commands;

namespace NetworkProtocol.Hub.NextHub;

/// <summary>
/// Moves what waits in the store into the buffer of the uplink. Each message is moved once: the buffer notes its position in the
/// transaction that adds it. A rollup may be moved again, which changes nothing at the next hub.
/// </summary>
internal sealed class Handover(
    IForwardSource source, MessageForwarder next, HubForwardOptions options, ForwardTally tally, TimeProvider time)
{
    /// <summary>How many rollups are moved at once.</summary>
    private const int MaxRollups = Batch.MaxMessages;

    /// <summary>How often the backlog is counted. Between two counts it can become larger than its bound.</summary>
    public static readonly TimeSpan BoundInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long rollups wait for alarms. Meanwhile no message is moved.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>How often rollups are looked for, so that one that late data changes again and again is not sent each time.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often a full buffer is tried though nothing has left it, because its disk may have room again.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly Lane[] Urgent = [Lane.Alarm, Lane.Bulk];

    private readonly Occasion _bound = new(BoundInterval, time);
    private readonly Occasion _look = new(LookInterval, time);
    private readonly Occasion _retry = new(RetryInterval, time);
    private readonly long[] _positions = new long[Urgent.Length];
    private readonly long?[] _added = new long?[Urgent.Length];
    private readonly long[] _untold = new long[Urgent.Length];
    private readonly Task?[] _full = new Task?[Urgent.Length];
    private Task? _fullForRollups;
    private bool _hasNotedOpen;
    private bool _hasMovedMessages = true;
    private bool _hasRollups;

    /// <summary>Finds out what was handed over before, at the start and after an error.</summary>
    /// <exception cref="IOException">The buffer fails.</exception>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var lane in Urgent)
            {
                var noted = await next.ReadPositionAsync(lane, cancellationToken) ?? 0;
                _positions[(int)lane] = Math.Max(_positions[(int)lane], noted);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            await BoundAsync(cancellationToken); // the buffer may fail for a long time
            throw;
        }

        // Before the backlog is bounded: what was handed over is not dropped.
        await source.BeginAfterAsync(_positions, cancellationToken);
        _hasRollups = options.What.HasFlag(ForwardWhat.Rollups);
        if (!_hasNotedOpen && _hasRollups)
        {
            await source.NoteOpenRollupsAsync(cancellationToken);
            _hasNotedOpen = true;
        }
    }

    /// <summary>Moves some of what waits.</summary>
    /// <exception cref="IOException">The buffer fails.</exception>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task<HandoverOutcome> StepAsync(CancellationToken cancellationToken)
    {
        await BoundAsync(cancellationToken);
        await TellDroppedAsync(cancellationToken);
        var wantsRollups = options.What.HasFlag(ForwardWhat.Rollups) && _hasMovedMessages
            && ((_hasRollups && _fullForRollups is not { IsCompleted: false }) || _look.IsNow());
        var due = await source.ReadDueAsync(wantsRollups ? MaxRollups : 0, cancellationToken);
        _hasRollups = wantsRollups ? due.Rollups.Count > 0 : _hasRollups;
        NoteNew(due);
        var (hasMoved, isBlocked) = (false, false);
        foreach (var lane in Urgent)
        {
            var position = _positions[(int)lane];
            isBlocked |= !await MoveMessagesAsync(lane, due.Lanes[(int)lane].Last, cancellationToken);
            hasMoved |= _positions[(int)lane] > position;
        }

        _hasMovedMessages = !isBlocked && Urgent.All(lane => _positions[(int)lane] >= due.Lanes[(int)lane].Last);
        if (!_hasMovedMessages)
        {
            return isBlocked ? HandoverOutcome.Blocked : HandoverOutcome.Moved;
        }

        if (due.Rollups.Count == 0)
        {
            return hasMoved ? HandoverOutcome.Moved : _hasRollups ? HandoverOutcome.Blocked : HandoverOutcome.Nothing;
        }

        // The next hub adds a message to its rollups, which must not happen after it got a rollup with the message in it. Rollups go by the
        // bulk lane, so they keep behind bulk messages by themselves.
        if (!await AlarmsHaveArrivedAsync(cancellationToken) || !await MoveRollupsAsync(due.Rollups, cancellationToken))
        {
            return HandoverOutcome.Blocked;
        }

        _hasRollups = due.Rollups.Count == MaxRollups;
        return HandoverOutcome.Moved;
    }

    /// <summary>
    /// Each message that the store has taken, and each rollup whose time is over, brings the right to send one, as at an edge. What waits
    /// since before the start belongs to the backlog.
    /// </summary>
    private void NoteNew(ForwardDue due)
    {
        foreach (var lane in Urgent)
        {
            var added = due.Lanes[(int)lane].Added;
            next.NoteNew(lane, added - (_added[(int)lane] ?? added));
            _added[(int)lane] = added;
        }

        next.NoteNew(Lane.Bulk, due.NewRollups);
    }

    /// <summary>
    /// Moves a batch of messages, so that alarms that have come meanwhile go before the next one; false if the buffer has no room for it.
    /// </summary>
    private async Task<bool> MoveMessagesAsync(Lane lane, long upTo, CancellationToken cancellationToken)
    {
        var position = _positions[(int)lane];
        if (position >= upTo)
        {
            return true;
        }

        if (_full[(int)lane] is { IsCompleted: false } && !_retry.IsNow())
        {
            return false; // nothing has left the buffer since it was full
        }

        var changed = next.Changed; // read before the buffer, so that no acknowledgement falls between the two
        var rows = await source.ReadMessagesAsync(lane, position, upTo, cancellationToken);
        if (rows.Count == 0)
        {
            _positions[(int)lane] = upTo; // the rest was dropped
            return true;
        }

        var fitting = rows.Where(row => tally.CanGo(row.Source, row.Topic)).ToList();
        var count = fitting.Count == 0 ? 0 : await next.AppendAsync(
            [.. fitting.Select(ToPublication)], [.. fitting.Select(row => row.Id)], cancellationToken);
        var moved = count == fitting.Count ? rows[^1].Id : fitting[count].Id - 1;
        tally.NoteRefused(rows.Where(row => row.Id <= moved).Except(fitting).Select(row => (row.Source, row.Topic)));
        _positions[(int)lane] = moved;
        await source.DeleteMessagesAsync(lane, moved, cancellationToken);
        _full[(int)lane] = fitting.Count > 0 && count == 0 ? changed : null;
        return count == fitting.Count;
    }

    private async Task<bool> AlarmsHaveArrivedAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await next.WaitForAsync(Lane.Alarm, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Moves rollups; false if the buffer has no room for all.</summary>
    private async Task<bool> MoveRollupsAsync(IReadOnlyList<ForwardRollup> rollups, CancellationToken cancellationToken)
    {
        var fitting = rollups.Where(one => one.Sum is not null && tally.CanGo(one.Source, one.Topic)).ToList();
        var changed = next.Changed; // read before the buffer, so that no acknowledgement falls between the two
        var count = fitting.Count == 0 ? 0 : await next.AppendAsync([.. fitting.Select(ToPublication)], null, cancellationToken);
        _fullForRollups = fitting.Count > 0 && count == 0 ? changed : null;
        var rest = fitting.Skip(count).ToHashSet();
        var done = rollups.Where(one => !rest.Contains(one)).ToList();
        tally.NoteRefused(done.Except(fitting));
        await source.DeleteRollupsAsync(done, cancellationToken);
        return rest.Count == 0;
    }

    private async Task BoundAsync(CancellationToken cancellationToken)
    {
        if (!_bound.IsNow())
        {
            return;
        }

        var backlog = await source.BoundAsync(options.MaxBacklog, options.MaxBacklogBytes, cancellationToken);
        tally.Counted(backlog);
        foreach (var lane in Urgent)
        {
            _untold[(int)lane] += backlog.DroppedMessages[(int)lane];
        }

        _untold[(int)Lane.Bulk] += backlog.DroppedRollups;
    }

    /// <summary>Has the next hub record what was dropped. A hub that is killed before it could tell it does not tell it.</summary>
    private async Task TellDroppedAsync(CancellationToken cancellationToken)
    {
        foreach (var lane in Urgent.Where(lane => _untold[(int)lane] > 0))
        {
            await next.NoteDroppedAsync(lane, _untold[(int)lane], cancellationToken);
            _untold[(int)lane] = 0;
        }
    }

    private static Publication ToPublication(ForwardMessage row) => new(
        ForwardTopic.Of(row.Source, row.Topic), row.Payload, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), row.Lane);

    // Without a time: a rollup has its own, and the message's says how long it was on its way.
    private static Publication ToPublication(ForwardRollup rollup) => new(
        ForwardTopic.Of(rollup.Source, rollup.Topic), rollup.Report!.Encode());
}
