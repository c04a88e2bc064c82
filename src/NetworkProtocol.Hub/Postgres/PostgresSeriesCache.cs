using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub.Postgres;

/// <summary>
/// The numbers of the series that this node used last. A series keeps its number for ever, and comes here when it is committed, so neither
/// a rollback nor another node makes an entry wrong. A database that is replaced, by a failover or from a backup, does: see
/// <see cref="BelongTo"/>.
/// </summary>
internal sealed class PostgresSeriesCache
{
    private const int Generation = 100_000;

    private readonly SeriesCache<PostgresSeries> _cache = new(Generation);
    private readonly Lock _lock = new();
    private string _table = "";
    private long _clearings;

    /// <param name="key">Names the series.</param>
    /// <param name="clearings">What <see cref="BelongTo"/> has returned.</param>
    /// <returns>Null if the series is not known, or the cache was cleared since.</returns>
    public PostgresSeries? Find(in SeriesKey key, long clearings)
    {
        lock (_lock)
        {
            return clearings == _clearings ? _cache.Find(key) : null;
        }
    }

    /// <summary>Adds what was read or begun, unless the cache was cleared since <paramref name="clearings"/>.</summary>
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
    /// <returns>How often the cache was cleared, which a transaction remembers: its connection may be older than the entries.</returns>
    public long BelongTo(string table)
    {
        lock (_lock)
        {
            if (_table != table)
            {
                Clear();
                _table = table;
            }

            return _clearings;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _clearings++;
            _cache.Clear();
        }
    }
}
