using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub.Marks;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>
/// The sources and their lanes in the writer's transaction. All that have been used are kept in memory: their number is limited.
/// </summary>
internal sealed class SqliteSources(SqliteStatements sql, StoreLimits limits)
{
    private readonly Dictionary<string, SourceRow> _known = new(StringComparer.Ordinal);
    private readonly List<SourceRow> _changed = [];
    private bool _isLoaded;

    public long Count { get; private set; }

    /// <summary>How many series all sources have.</summary>
    public long Series { get; private set; }

    public void Load()
    {
        if (_isLoaded)
        {
            return;
        }

        sql.CountSources.Step();
        (Count, Series) = (sql.CountSources.Long(0), sql.CountSources.Long(1));
        sql.CountSources.Reset();
        _isLoaded = true;
    }

    public void Forget()
    {
        _known.Clear();
        _changed.Clear();
        _isLoaded = false;
    }

    /// <returns>Null if there is no such source.</returns>
    /// <exception cref="SourceRefusedException">The name belongs to another identity.</exception>
    public SourceRow? Find(string name, string identity)
    {
        if (!_known.TryGetValue(name, out var source))
        {
            source = Read(name);
            if (source is null)
            {
                return null;
            }

            _known.Add(name, source);
        }

        if (source.Identity.Length == 0 && identity.Length > 0)
        {
            source.Identity = identity; // the hub has begun to ask for certificates
            Changed(source);
        }

        return source.Identity == identity ? source : throw SourceRow.Refuse(source, identity);
    }

    /// <exception cref="SourceRefusedException">There are too many sources.</exception>
    public SourceRow Create(string name, string identity, long now)
    {
        if (Count >= limits.Sources)
        {
            throw StoreLimits.TooManySources(Count);
        }

        sql.InsertSource.Bind(1, name).Bind(2, identity).Bind(3, now).Step();
        var source = new SourceRow(sql.InsertSource.Long(0), name) { Identity = identity, LastSeen = now };
        sql.InsertSource.Run();
        Count++;
        _known.Add(name, source);
        return source;
    }

    public void Seen(SourceRow source, long now)
    {
        source.LastSeen = now;
        Changed(source);
    }

    public void HasNewSeries(SourceRow source)
    {
        source.Series++;
        Series++;
        Changed(source);
    }

    /// <summary>How many series the source has, and all sources.</summary>
    public (long OfSource, long All) CountsOf(SourceRow source) => (source.Series, Series);

    /// <summary>Takes back the series that have begun since <see cref="CountsOf"/>.</summary>
    public void Restore(SourceRow source, (long OfSource, long All) counts) => (source.Series, Series) = counts;

    public long StreamOf(SourceRow source, LaneRow lane)
    {
        if (lane.Stream == 0)
        {
            sql.InsertStream.With(source.Id, (long)lane.Lane, lane.State.Epoch).Step();
            lane.Stream = sql.InsertStream.Long(0);
            sql.InsertStream.Run();
        }

        return lane.Stream;
    }

    public void Write()
    {
        foreach (var source in _changed)
        {
            sql.UpdateSource.Bind(1, source.Id).Bind(2, source.Identity).Bind(3, source.LastSeen).Bind(4, source.Series).Run();
            foreach (var lane in source.Lanes.Values.Where(lane => lane.IsChanged))
            {
                Write(source, lane);
                lane.IsChanged = false;
            }

            if (source.HasNewLosses)
            {
                sql.TrimLosses.With(source.Id, StoreLimits.KeptOfSource).Run();
            }

            if (source.HasNewDeadLetters)
            {
                sql.TrimDeadLetters.With(source.Id, StoreLimits.KeptOfSource).Run();
            }

            source.IsChanged = source.HasNewLosses = source.HasNewDeadLetters = false;
        }

        _changed.Clear();
    }

    private void Write(SourceRow source, LaneRow lane) => sql.ReplaceLane
        .With(source.Id, (long)lane.Lane, lane.State.Epoch, lane.State.Mark)
        .Bind(5, lane.State.Checksum)
        .Bind(6, lane.Stream)
        .Bind(7, lane.Messages)
        .Bind(8, lane.Duplicates)
        .Bind(9, lane.Lost)
        .Bind(10, lane.DeadLetters)
        .Bind(11, lane.LastTime)
        .Bind(12, lane.LastArrival)
        .Bind(13, lane.Behind)
        .Run();

    private void Changed(SourceRow source)
    {
        if (!source.IsChanged)
        {
            source.IsChanged = true;
            _changed.Add(source);
        }
    }

    private SourceRow? Read(string name)
    {
        var find = sql.FindSource.Bind(1, name);
        if (!find.Step())
        {
            return null;
        }

        var source = new SourceRow(find.Long(0), name) { Identity = find.Text(1), LastSeen = find.Long(2), Series = find.Long(3) };
        find.Reset();
        var lanes = sql.FindLanes.With(source.Id);
        while (lanes.Step())
        {
            var state = new LaneState(lanes.Long(1), lanes.Long(2), (uint?)lanes.LongOrNull(3));
            source.Lanes.Add((Lane)lanes.Long(0), new LaneRow((Lane)lanes.Long(0), state)
            {
                Stream = lanes.Long(4),
                Messages = lanes.Long(5),
                Duplicates = lanes.Long(6),
                Lost = lanes.Long(7),
                DeadLetters = lanes.Long(8),
                LastTime = lanes.LongOrNull(9),
                LastArrival = lanes.LongOrNull(10),
                Behind = lanes.Long(11),
            });
        }

        return source;
    }
}
