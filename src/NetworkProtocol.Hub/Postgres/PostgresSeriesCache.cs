using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The numbers of the series that this node used last. A series keeps its number for ever, and comes here when it is committed, so neither
/// a rollback nor another node makes an entry wrong. A database that is replaced does: see <see cref="BelongTo"/>, and the loss of a
/// connection, which <see cref="Clear"/> follows.
/// </summary>
internal sealed class PostgresSeriesCache
{
    private const int Generation = 100_000;

    private readonly SeriesCache<PostgresSeries> _cache = new(Generation);
    private readonly Lock _lock = new();
    private uint _table;
    private long _clearings;

    /// <summary>How often the cache was cleared: <see cref="Add"/> must not bring back what was read before that.</summary>
    public long Clearings => Interlocked.Read(ref _clearings);

    public PostgresSeries? Find(in SeriesKey key)
    {
        lock (_lock)
        {
            return _cache.Find(key);
        }
    }

    public void Add(IEnumerable<KeyValuePair<SeriesKey, PostgresSeries>> series, long clearings)
    {
        lock (_lock)
        {
            if (clearings != _clearings)
            {
                return;
            }

            _cache.Age();
            foreach (var (key, one) in series)
            {
                if (_cache.Find(key) is null)
                {
                    _cache.Add(key, one);
                }
            }
        }
    }

    /// <summary>Forgets all that was read from another table than this one.</summary>
    public void BelongTo(uint table)
    {
        lock (_lock)
        {
            if (_table != table)
            {
                Clear();
                _table = table;
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Interlocked.Increment(ref _clearings);
            _cache.Clear();
        }
    }
}
