using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.NextHub;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>What waits for the next hub, in the writer's transaction.</summary>
/// <param name="sql">The statements.</param>
/// <param name="wanted">What the store keeps for the next hub; null: nothing.</param>
internal sealed class SqliteForwardTables(SqliteStatements sql, ForwardWhat? wanted)
{
    private readonly HashSet<(long Series, Resolution Resolution, long Start)> _noted = [];
    private readonly bool _wantsMessages = wanted?.HasFlag(ForwardWhat.Messages) == true;
    private readonly bool _wantsRollups = wanted?.HasFlag(ForwardWhat.Rollups) == true;

    /// <summary>The arrival of what is stored at the moment.</summary>
    public long Now { get; set; }

    /// <summary>Keeps a message for the next hub.</summary>
    public void Add(string source, Lane lane, in BatchMessage message)
    {
        if (_wantsMessages)
        {
            sql.InsertOutbox.Bind(1, source).Bind(2, (long)lane).Bind(3, message.Time).Bind(4, message.Topic).Bind(5, message.Payload.Span)
                .Run();
        }
    }

    /// <summary>Notes that the next hub does not have a rollup as it is.</summary>
    public void Note(long series, Resolution resolution, long start)
    {
        if (_wantsRollups)
        {
            _noted.Add((series, resolution, start));
        }
    }

    /// <summary>
    /// Likewise for a rollup that is being filled, which was noted when it began. It can have been forwarded since if its time is over.
    /// </summary>
    public void NoteChange(long series, Resolution resolution, long start)
    {
        if (_wantsRollups && Now >= start + RollupSum.LengthOf(resolution))
        {
            _noted.Add((series, resolution, start));
        }
    }

    public void Write()
    {
        foreach (var (series, resolution, start) in _noted)
        {
            sql.NoteRollup.With((long)resolution, start, series).Run();
        }

        _noted.Clear();
    }

    public void Clear() => _noted.Clear();

    public void BeginAfter(long position)
    {
        sql.BeginOutbox.Run();
        sql.MoveOutbox.With(position).Run();
        DeleteMessages(position);
    }

    public void DeleteMessages(long upTo) => sql.DeleteOutbox.With(upTo).Run();

    /// <summary>Forgets rollups that were handed over. The session's series must be written.</summary>
    public void DeleteRollups(IReadOnlyList<ForwardRollup> rollups)
    {
        foreach (var rollup in rollups.Where(rollup => Find(rollup) == rollup.Sum))
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

    private RollupSum? Find(ForwardRollup rollup)
    {
        var find = sql.FindRollup.With(rollup.Series, (long)rollup.Resolution, rollup.Start);
        RollupSum? found = find.Step() ? SqliteForward.ReadSum(find, 0, rollup.Start) : null;
        find.Reset();
        return found;
    }
}
