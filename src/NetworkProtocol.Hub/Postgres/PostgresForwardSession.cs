using System.Text;
using Npgsql;
using NetworkProtocol.Edge.Buffer;
using NetworkProtocol.Edge.Uplink;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The connection with which one node at a time forwards. It holds a lock of the database as long as it lasts, and everything that
/// forwarding changes is changed through it: a node that has lost its turn has lost the connection, and can change nothing. The outbox is
/// the buffer of the uplink. A row of it gets its sequence number, durably, before it is sent, and is deleted when the next hub has
/// acknowledged that number. After an error the session is of no use.
/// </summary>
internal sealed class PostgresForwardSession(
    NpgsqlConnection connection,
    PostgresDatabase database,
    HubForwardOptions options,
    HubRetentionOptions keep,
    ForwardTally tally,
    Action<Lane, long> isNew,
    TimeProvider time) : IUplinkBuffer, IAsyncDisposable
{
    /// <summary>How many rollups are moved at once.</summary>
    private const int MaxRollups = Batch.MaxMessages;

    private static readonly Lane[] AllLanes = Enum.GetValues<Lane>();

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Signal _signal = new();
    private readonly PostgresForwardLane[] _lanes = new PostgresForwardLane[AllLanes.Length];
    private readonly PostgresForwardRollups _rollups = new(connection, keep);
    private readonly long[] _seen = new long[AllLanes.Length];
    private readonly PostgresOutbox _outbox = new(connection);
    private readonly long[] _waiting = new long[AllLanes.Length]; // when they were counted, without those that have gone since
    private readonly long[] _gone = new long[AllLanes.Length]; // to the next hub
    private readonly List<Action> _notes = []; // of the transaction that goes on
    private long _ownRows;
    private long? _counted;
    private HubStoreException? _failure;

    private bool ForwardsRollups => options.What.HasFlag(ForwardWhat.Rollups);

    /// <summary>Where a count ends. What is beyond is counted when some was dropped.</summary>
    private long MostCounted => options.MaxBacklog + (20 * PostgresOutbox.Slice);

    public Task Changed => _signal.Changed;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Has the lanes look for messages that others have stored, and counts those that are new.</summary>
    public async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        await DoAsync(
            async () =>
            {
                foreach (var lane in AllLanes)
                {
                    await CountNewAsync(lane);
                }

                return true;
            },
            cancellationToken);
        _signal.Set();
    }

    /// <summary>Takes the turn, unless another node has it.</summary>
    public Task<bool> TryBeginAsync(CancellationToken cancellationToken) => DoAsync(
        async () =>
        {
            if (!await IsMineAsync())
            {
                return false;
            }

            foreach (var lane in AllLanes)
            {
                _lanes[(int)lane] = await _outbox.ReadLaneAsync(lane) ?? await BeginLaneAsync(lane);
                _seen[(int)lane] = await _outbox.LastAsync(lane);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Notes the rollups that are being filled, which may have begun while nothing was forwarded.</summary>
    public async Task NoteOpenRollupsAsync(CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } behind;)
        {
            after = await DoAsync(() => _rollups.NoteOpenAsync(behind, Now), cancellationToken);
        }
    }

    /// <summary>
    /// Moves rollups whose time is over into the outbox, behind the messages that they count. They wait outside while many messages are
    /// there, because a rollup that changes while it waits is sent once.
    /// </summary>
    /// <returns>Whether there may be more that can be moved.</returns>
    public Task<bool> MoveRollupsAsync(CancellationToken cancellationToken) => DoAsync(
        async () =>
        {
            var now = Now;
            var tooOld = await _rollups.ForgetTooOldAsync(now);
            if (!ForwardsRollups)
            {
                return false; // the notes are of a time when rollups were forwarded, and nobody misses them
            }

            _notes.Add(() => tally.NoteTooOld(tooOld));
            var room = (int)Math.Min(MaxRollups, options.BufferSize - await _outbox.CountBulkAsync(options.BufferSize));
            isNew(Lane.Bulk, await _rollups.CountDueAsync(now, _counted ?? now));
            _counted = Math.Max(now, _counted ?? now);
            if (room <= 0)
            {
                return false;
            }

            var due = await _rollups.LockDueAsync(room, now);
            if (due.Count == 0)
            {
                return false;
            }

            // Bulk messages are sent in the order of their rows, so that those that a rollup counts are before it. Alarms are not, so that
            // the rollup waits for those that are there: the next hub would add a message that comes after the rollup once more. The rows
            // of the rollups are locked, so that no message is added to them until this is committed.
            var fitting = due.Where(one => tally.CanGo(one.Source, one.Topic)).ToList();
            await _outbox.AddRollupsAsync(fitting, now);
            _ownRows += fitting.Count;
            await _rollups.ForgetAsync(due);
            _notes.Add(() => tally.NoteRefused(due.Except(fitting)));
            return due.Count == room;
        },
        cancellationToken);

    /// <summary>
    /// Counts what waits, drops the oldest beyond the bound, and has the next hub told that they are lost. The lanes go on meanwhile.
    /// </summary>
    public async Task BoundAsync(CancellationToken cancellationToken)
    {
        for (var hasMore = true; hasMore;)
        {
            hasMore = await CountAsync(cancellationToken) is { } counted && await BoundAsync(counted, cancellationToken);
        }
    }

    public long MarkOf(Lane lane) => _lanes[(int)lane].Mark;

    public Task<LanePosition> ReadAsync(Lane lane, CancellationToken cancellationToken)
    {
        var state = _lanes[(int)lane];
        return Task.FromResult(new LanePosition(state.Epoch, state.Next, state.Mark, state.Checksum));
    }

    public async Task<(Batch? Batch, long Damaged)> NextAsync(Lane lane, string source, int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (next, hasRefused) = await ChangeAsync<((Batch? Batch, long Damaged) Next, bool HasRefused)>(
                lane,
                async state =>
                {
                    var hasRefused = false;
                    if (state.Pending.Length == 0)
                    {
                        (var pending, hasRefused) = await ChooseAsync(lane, most);
                        state = pending.Length + state.Untold > 0 ? state.Choose(pending) : state;
                    }

                    return state.Next == state.Mark + 1
                        ? (state, ((null, 0), hasRefused))
                        : (state, ((state.ToBatch(source, await _outbox.ReadAsync(lane, state.Pending), BehindOf(state)), 0), hasRefused));
                },
                cancellationToken);
            if (next.Batch is not null || !hasRefused)
            {
                return next;
            }
        }
    }

    public async Task<long?> AcknowledgeAsync(Lane lane, long epoch, long mark, uint? checksum, CancellationToken cancellationToken)
    {
        var deleted = await ChangeAsync<long?>(
            lane,
            async state =>
            {
                if (state.Epoch != epoch || mark <= state.Mark || mark >= state.Next)
                {
                    return (state, null);
                }

                var after = state.Acknowledge(mark, checksum);
                var rows = await _outbox.DeleteAsync(lane, state.Pending[..^after.Pending.Length]);
                var missing = state.Pending.Length - after.Pending.Length - rows.Count;
                Interlocked.Add(ref _waiting[(int)lane], -rows.Count);
                Interlocked.Add(ref _gone[(int)lane], rows.Count);
                _notes.Add(() => tally.NoteDamaged(missing)); // not with the batch, which may be repeated
                return (after, rows.Count);
            },
            cancellationToken);
        _signal.Set(); // a rollup may have waited for an alarm
        return deleted;
    }

    public Task<uint?> ChecksumOfAsync(Lane lane, long sequence, CancellationToken cancellationToken) => ChangeAsync(
        lane,
        async state =>
        {
            var index = sequence - state.FirstPending;
            if (index < 0 || index >= state.Pending.Length)
            {
                return (state, (uint?)null);
            }

            var found = await _outbox.ReadAsync(lane, [state.Pending[index]]);
            return (state, found.Values.Select(message => (uint?)MessageChecksum.Compute(
                sequence, message.Time, Encoding.UTF8.GetBytes(message.Topic), message.Payload.Span)).FirstOrDefault());
        },
        cancellationToken);

    public Task NoteAgreedAsync(Lane lane, CancellationToken cancellationToken) => ChangeAsync(
        lane, state => Task.FromResult((state.IsFresh ? state with { IsFresh = false } : state, true)), cancellationToken);

    public Task<long> MoveMarkBackAsync(Lane lane, long mark, CancellationToken cancellationToken) => ChangeAsync(
        lane,
        state =>
        {
            _notes.Add(() => tally.NoteLostByHub(state.Mark - mark));
            return Task.FromResult((
                state with { Mark = mark, Checksum = null, Lost = state.Lost + state.Mark - mark }, state.Mark - mark));
        },
        cancellationToken);

    public Task<long> BeginEpochAsync(Lane lane, CancellationToken cancellationToken) => ChangeAsync(
        lane,
        state =>
        {
            var epoch = Epochs.After(state.Epoch);
            return Task.FromResult((state with { Epoch = epoch }, epoch));
        },
        cancellationToken);

    public Task<bool> TryOvertakeAsync(Lane lane, long hubEpoch, Action beginning, CancellationToken cancellationToken) => ChangeAsync(
        lane,
        state =>
        {
            if (!state.IsFresh || !Epochs.CanFollow(hubEpoch))
            {
                return Task.FromResult((state, false));
            }

            if (state.Epoch > hubEpoch)
            {
                return Task.FromResult((state, true));
            }

            beginning();
            return Task.FromResult((state with { Epoch = Epochs.After(hubEpoch) }, true));
        },
        cancellationToken);

    /// <summary>Closes the connection, which ends the turn.</summary>
    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        _turn.Dispose();
    }

    /// <summary>
    /// Counts on a connection of its own, so that a count that takes long or fails holds up nothing, and ends a little beyond the bounds.
    /// </summary>
    /// <returns>Null if it fails.</returns>
    private async Task<(long[] Messages, long Bytes, long Rollups)?> CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var pooled = await database.OpenAsync(cancellationToken);
            var before = _gone.ToArray();
            var (messages, bytes) = await new PostgresOutbox(pooled).CountAsync(MostCounted, cancellationToken);
            var rollups = !ForwardsRollups ? 0
                : await new PostgresForwardRollups(pooled, keep).CountDueAsync(Now, null, MostCounted, cancellationToken);
            foreach (var lane in AllLanes.Where(lane => messages[(int)lane] < MostCounted))
            {
                var gone = Interlocked.Read(ref _gone[(int)lane]) - before[(int)lane];
                messages[(int)lane] = Math.Max(0, messages[(int)lane] - gone); // else as many too many would be dropped
            }

            return (messages, bytes, rollups);
        }
        catch (Exception e) when (e is HubStoreException or NpgsqlException or TimeoutException or IOException)
        {
            tally.NoteUncounted(PostgresErrors.Explain(database.Name, e).Message);
            return null;
        }
    }

    /// <returns>Whether there may be more to drop.</returns>
    private async Task<bool> BoundAsync((long[] Messages, long Bytes, long Rollups) counted, CancellationToken cancellationToken)
    {
        var (messages, bytes, rollups) = (counted.Messages.Sum(), counted.Bytes, counted.Rollups);
        var dropped = new long[AllLanes.Length];
        foreach (var lane in AllLanes) // bulk messages first: alarms are the last that should go
        {
            for (var (count, size) = (1L, 0L); count > 0 && (messages > options.MaxBacklog || bytes > options.MaxBacklogBytes);)
            {
                (count, size) = await DropAsync(
                    lane,
                    pending => _outbox.DropAsync(lane, pending, messages - options.MaxBacklog, bytes - options.MaxBacklogBytes),
                    cancellationToken);
                (messages, bytes) = (messages - count, bytes - size);
                dropped[(int)lane] += count;
            }
        }

        foreach (var lane in AllLanes)
        {
            Interlocked.Exchange(ref _waiting[(int)lane], counted.Messages[(int)lane] - dropped[(int)lane]);
        }

        var droppedRollups = 0L;
        foreach (var resolution in PostgresForwardRollups.Resolutions) // the shortest first: the others have their sums
        {
            for (var count = 1L; count > 0 && rollups > options.MaxBacklog;)
            {
                var slice = Math.Min(PostgresOutbox.Slice, rollups - options.MaxBacklog);
                (count, _) = await DropAsync(
                    Lane.Bulk, async _ => (await _rollups.DropAsync(resolution, Now, slice), 0), cancellationToken);
                rollups -= count;
                droppedRollups += count;
            }
        }

        var backlog = new ForwardBacklog(messages, bytes, rollups, dropped, droppedRollups);
        tally.Counted(backlog);
        return backlog.Dropped > 0 && (counted.Rollups == MostCounted || counted.Messages.Contains(MostCounted));
    }

    private long BehindOf(PostgresForwardLane state) =>
        Math.Max(0, Interlocked.Read(ref _waiting[(int)state.Lane]) - state.Pending.Length);

    private async Task<bool> IsMineAsync()
    {
        await using var command = new NpgsqlCommand($"SELECT pg_try_advisory_lock({PostgresLocks.Forward})", connection);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private async Task<PostgresForwardLane> BeginLaneAsync(Lane lane)
    {
        var begun = new PostgresForwardLane(lane, Epochs.After(0), IsFresh: true, 0, null, 0, 0, 0, []);
        await _outbox.WriteLaneAsync(begun);
        return begun;
    }

    /// <summary>Chooses the rows of the next batch, and deletes those before them that the next hub would not take.</summary>
    private async Task<(long[] Chosen, bool HasRefused)> ChooseAsync(Lane lane, int most)
    {
        await CountNewAsync(lane);
        var (chosen, refused) = await _outbox.ChooseAsync(lane, most, tally.CanGo);
        if (refused.Length > 0)
        {
            var deleted = await _outbox.DeleteAsync(lane, refused);
            _notes.Add(() => tally.NoteRefused(deleted));
        }

        return (chosen, refused.Length > 0);
    }

    /// <summary>
    /// Each message that a node has stored brings the right to send one, as at an edge. What waits since before the turn belongs to the
    /// backlog. Transactions that overlap make rows appear before others that were seen: the numbers count them, but they are those of both
    /// lanes. So bulk messages get rights by the numbers, of which alarms have few, and alarms by the rows.
    /// </summary>
    private async Task CountNewAsync(Lane lane)
    {
        var (count, last) = await _outbox.FindAfterAsync(lane, _seen[(int)lane]);
        if (lane == Lane.Bulk)
        {
            count = Math.Max(0, last - _seen[(int)lane] - _ownRows); // the rollups have had theirs
            _ownRows = 0;
        }

        _seen[(int)lane] = last;
        if (count > 0)
        {
            isNew(lane, count);
        }
    }

    private Task<(long Count, long Bytes)> DropAsync(
        Lane lane, Func<long[], Task<(long Count, long Bytes)>> drop, CancellationToken cancellationToken) => ChangeAsync(
        lane,
        async state =>
        {
            var dropped = await drop(state.Pending);
            return (dropped.Count == 0 ? state : state with { Untold = state.Untold + dropped.Count }, dropped);
        },
        cancellationToken);

    private async Task<T> ChangeAsync<T>(
        Lane lane, Func<PostgresForwardLane, Task<(PostgresForwardLane After, T Result)>> change, CancellationToken cancellationToken)
    {
        try
        {
            return await DoAsync(
                async () =>
                {
                    var before = _lanes[(int)lane];
                    var (after, result) = await change(before);
                    if (!ReferenceEquals(before, after))
                    {
                        await _outbox.WriteLaneAsync(after);
                        _lanes[(int)lane] = after; // if the commit fails, the session is of no use
                    }

                    return result;
                },
                cancellationToken);
        }
        catch (HubStoreException e)
        {
            throw new BufferException(e.Message, e); // else the uplink would say that the next hub fails
        }
    }

    /// <summary>Does something in a transaction of its own.</summary>
    private async Task<T> DoAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            // Not cancelled: a statement lasts as long as the store allows, and the connection is to be closed in good order.
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            var result = await action();
            await transaction.CommitAsync(CancellationToken.None);
            _notes.ForEach(note => note()); // not before: a transaction that fails is done again by the next session
            _notes.Clear();
            return result;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
        {
            throw _failure = database.Explain(e);
        }
        finally
        {
            _turn.Release();
        }
    }
}
