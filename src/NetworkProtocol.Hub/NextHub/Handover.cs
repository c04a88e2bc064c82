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

    private readonly Occasion _bound = new(BoundInterval, time);
    private bool _hasNotedOpen;
    private long _position;

    /// <summary>Finds out what was handed over before, at the start and after an error.</summary>
    /// <exception cref="IOException">The buffer fails.</exception>
    /// <exception cref="HubStoreException">The store fails.</exception>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        _position = Math.Max(_position, await next.ReadPositionAsync(cancellationToken) ?? 0);
        await source.BeginAfterAsync(_position, cancellationToken);
        if (!_hasNotedOpen && options.What.HasFlag(ForwardWhat.Rollups))
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
        var due = await source.ReadDueAsync(options.What.HasFlag(ForwardWhat.Rollups) ? MaxRollups : 0, cancellationToken);
        var hasMoved = due.LastMessage > _position;
        if (!await MoveMessagesAsync(due.LastMessage, cancellationToken))
        {
            return HandoverOutcome.Blocked;
        }

        if (due.Rollups.Count == 0)
        {
            return hasMoved ? HandoverOutcome.Moved : HandoverOutcome.Nothing;
        }

        // The next hub adds a message to its rollups, which must not happen after it got a rollup with the message in it. Rollups go by the
        // bulk lane, so they keep behind bulk messages by themselves.
        return await AlarmsHaveArrivedAsync(cancellationToken) && await MoveRollupsAsync(due.Rollups, cancellationToken)
            ? HandoverOutcome.Moved
            : HandoverOutcome.Blocked;
    }

    /// <summary>Moves messages; false if the buffer has no room for all.</summary>
    private async Task<bool> MoveMessagesAsync(long upTo, CancellationToken cancellationToken)
    {
        while (_position < upTo)
        {
            var isLive = upTo - _position <= Batch.MaxMessages;
            var rows = await source.ReadMessagesAsync(_position, upTo, cancellationToken);
            if (rows.Count == 0)
            {
                return true; // the rest was dropped
            }

            var fitting = rows.Where(row => ForwardTopic.HasRoom(row.Source, row.Topic)).ToList();
            var count = fitting.Count == 0 ? 0 : await next.AppendAsync(
                [.. fitting.Select(ToPublication)], [.. fitting.Select(row => row.Id)], isLive, cancellationToken);
            var moved = count == fitting.Count ? rows[^1].Id : fitting[count].Id - 1;
            tally.NoteTooLong(
                rows.Where(row => row.Id <= moved && !ForwardTopic.HasRoom(row.Source, row.Topic)).Select(row => (row.Source, row.Topic)));
            _position = moved;
            await source.DeleteMessagesAsync(moved, cancellationToken);
            if (count < fitting.Count)
            {
                return false;
            }
        }

        return true;
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
        var fitting = rollups.Where(one => one.Sum is not null && ForwardTopic.HasRoom(one.Source, one.Topic)).ToList();
        var count = fitting.Count == 0 ? 0 : await next.AppendAsync(
            [.. fitting.Select(ToPublication)], null, isLive: rollups.Count < MaxRollups, cancellationToken);
        var rest = fitting.Skip(count).ToHashSet();
        var done = rollups.Where(one => !rest.Contains(one)).ToList();
        tally.NoteTooLong(done.Where(one => !ForwardTopic.HasRoom(one.Source, one.Topic)).Select(one => (one.Source, one.Topic)));
        await source.DeleteRollupsAsync(done, cancellationToken);
        return rest.Count == 0;
    }

    private async Task BoundAsync(CancellationToken cancellationToken)
    {
        if (_bound.IsNow())
        {
            var (waiting, dropped) = await source.BoundAsync(options.MaxBacklog, cancellationToken);
            tally.Counted(waiting, dropped);
        }
    }

    private static Publication ToPublication(ForwardMessage row) => new(
        ForwardTopic.Of(row.Source, row.Topic), row.Payload, DateTimeOffset.FromUnixTimeMilliseconds(row.Time), row.Lane);

    // Without a time: a rollup has its own, and the message's says how long it was on its way.
    private static Publication ToPublication(ForwardRollup rollup) => new(
        ForwardTopic.Of(rollup.Source, rollup.Topic), rollup.Report!.Encode());
}
