using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What waits for the next hub, in the writer's transaction.</summary>
/// <param name="sql">The statements.</param>
/// <param name="limits">What the store keeps for the next hub, and how long it keeps rollups.</param>
/// <param name="progress">What was read of it.</param>
internal sealed class SqliteForwardTables(SqliteStatements sql, StoreLimits limits, SqliteForwardProgress progress)
{
    private readonly HashSet<(long Series, Resolution Resolution, long Start)> _noted = [];
    private readonly (long Messages, long Bytes)[] _added = new (long, long)[Enum.GetValues<Lane>().Length];
    private readonly bool _wantsMessages = limits.Forward?.HasFlag(ForwardWhat.Messages) == true;
    private readonly bool _wantsRollups = limits.Forward?.HasFlag(ForwardWhat.Rollups) == true;
    private long _openedAt;

    /// <summary>The arrival of what is stored at the moment.</summary>
    public long Now { get; set; }

    /// <summary>Is called at the beginning of a transaction.</summary>
    public void Begin() => _openedAt = progress.OpenedAt ?? ReadLast();

    /// <summary>Is called after a commit.</summary>
    public void Committed() => progress.OpenedAt ??= _openedAt;

    /// <summary>Keeps a message for the next hub.</summary>
    public void Add(string source, Lane lane, in BatchMessage message)
    {
        if (_wantsMessages)
        {
            sql.InsertOutbox.Bind(1, source).Bind(2, (long)lane).Bind(3, message.Time).Bind(4, message.Topic).Bind(5, message.Payload.Span)
                .Step();
            _added[(int)lane].Messages++;
            _added[(int)lane].Bytes += sql.InsertOutbox.Long(0);
            sql.InsertOutbox.Run();
        }
    }

    /// <summary>Notes that the next hub does not have a rollup as it is.</summary>
    public void Note(long series, Resolution resolution, long start)
    {
        if (!_wantsRollups)
        {
            return;
        }

        // What retention has deleted of it would be missing, and the next hub may have it.
        if (limits.Keep.IsTooOld(resolution, start, Now))
        {
            progress.TooOld.Add(series, resolution, start);
        }
        else
        {
            _noted.Add((series, resolution, start));
        }
    }

    /// <summary>
    /// Likewise for a rollup that is being filled, which was noted when it began. It can have been forwarded since if its time is over, or
    /// was before the clock was set back.
    /// </summary>
    public void NoteChange(long series, Resolution resolution, long start)
    {
        if (_wantsRollups && (Now >= start + RollupSum.LengthOf(resolution) || progress.WasRead(resolution, start)))
        {
            Note(series, resolution, start);
        }
    }

    public void Write()
    {
        foreach (var (series, resolution, start) in _noted)
        {
            sql.NoteRollup.With((long)resolution, start, series).Run();
        }

        _noted.Clear();
        for (var lane = 0; lane < _added.Length; lane++)
        {
            if (_added[lane].Messages > 0)
            {
                sql.CountOutbox.With(lane, _added[lane].Messages, _added[lane].Messages, _added[lane].Bytes).Run();
                _added[lane] = default;
            }
        }
    }

    public void Clear()
    {
        _noted.Clear();
        Array.Clear(_added);
    }

    /// <param name="positions">The position of each lane.</param>
    public void BeginAfter(IReadOnlyList<long> positions)
    {
        var last = ReadLast();
        sql.BeginOutbox.Run();
        sql.MoveOutbox.With(positions.Max()).Run();
        if (!progress.HasBegun && _openedAt < positions.Max())
        {
            // An older copy of the store was restored: what has come since the opening has numbers that others had before.
            sql.RepeatOutbox.With(_openedAt, last).Run();
            sql.DeleteRepeated.With(_openedAt, last).Run();
        }

        foreach (var lane in Enum.GetValues<Lane>())
        {
            DeleteMessages(lane, positions[(int)lane]);
        }
    }

    public void DeleteMessages(Lane lane, long upTo)
    {
        var size = sql.OutboxSizeTo.With((long)lane, upTo);
        size.Step();
        var (count, bytes) = (size.Long(0), size.Long(1));
        size.Reset();
        if (count > 0)
        {
            sql.DeleteOutbox.With((long)lane, upTo).Run();
            sql.CountOutbox.With((long)lane, 0, -count, -bytes).Run();
        }
    }

    /// <summary>Drops the oldest messages of a lane, until they are a number and a size, or no more than a number of them.</summary>
    /// <returns>How many, and their size.</returns>
    public (long Count, long Bytes) DropMessages(Lane lane, long count, long bytes, int max)
    {
        var (found, size, last) = (0L, 0L, 0L);
        var rows = sql.OutboxFirst.With((long)lane, max);
        while ((found < count || size < bytes) && rows.Step())
        {
            (found, size, last) = (found + 1, size + rows.Long(1), rows.Long(0));
        }

        rows.Reset();
        DeleteMessages(lane, last);
        return (found, size);
    }

    /// <summary>Forgets rollups that were handed over. The session's series must be written.</summary>
    public void DeleteRollups(IReadOnlyList<ForwardRollup> rollups)
    {
        foreach (var rollup in rollups.Where(rollup => rollup.Sum is null || Find(rollup) == rollup.Sum))
        {
            sql.ForgetRollup.With((long)rollup.Resolution, rollup.Start, rollup.Series).Run();
        }
    }

    /// <summary>Drops the oldest rollups whose time is over, and returns how many.</summary>
    public long DropRollups(Resolution resolution, long lastStart, long count)
    {
        sql.DropRollups.With((long)resolution, lastStart, count).Run();
        sql.Changes.Step();
        var changes = sql.Changes.Long(0);
        sql.Changes.Reset();
        return changes;
    }

    /// <summary>Notes the rollups that are being filled and whose time is not over, of the series behind one.</summary>
    /// <returns>The last series; null if there is none behind it.</returns>
    public long? NoteOpen(long after, int count)
    {
        var found = new List<(long Series, Resolution Resolution, long Start)>();
        var rows = sql.FindOpenAfter.With(after, count);
        while (rows.Step())
        {
            found.Add((rows.Long(0), (Resolution)rows.Long(1), rows.Long(2)));
        }

        foreach (var (series, resolution, start) in found.Where(one => one.Start + RollupSum.LengthOf(one.Resolution) > Now))
        {
            Note(series, resolution, start);
        }

        // The last series may have more rows than were read, unless it is the only one.
        return found.Count == 0 ? null
            : found.Count < count || found[0].Series == found[^1].Series ? found[^1].Series
            : found[^1].Series - 1;
    }

    /// <summary>Deletes some of what waits and the settings do not want.</summary>
    /// <param name="max">How many of each lane and resolution at most.</param>
    /// <returns>How many messages and rollups; zeros when none is left.</returns>
    public (long Messages, long Rollups) ForgetUnwanted(int max) => (
        _wantsMessages ? 0 : Enum.GetValues<Lane>().Sum(lane => DropMessages(lane, max, 0, max).Count),
        _wantsRollups ? 0 : SeriesRow.Resolutions.Sum(resolution => DropRollups(resolution, long.MaxValue, max)));

    private long ReadLast()
    {
        sql.LastOfOutbox.Step();
        var last = sql.LastOfOutbox.Long(0);
        sql.LastOfOutbox.Reset();
        return last;
    }

    private RollupSum? Find(ForwardRollup rollup)
    {
        var find = sql.FindRollup.With(rollup.Series, (long)rollup.Resolution, rollup.Start);
        RollupSum? found = find.Step() ? SqliteForward.ReadSum(find, 0, rollup.Start) : null;
        find.Reset();
        return found;
    }
}
