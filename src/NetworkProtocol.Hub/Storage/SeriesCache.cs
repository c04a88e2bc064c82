namespace NetworkProtocol.Hub.Storage;

/// <summary>
/// The series that were used last. There are two generations: when the young one is full, it becomes the old one, and the series that
/// nobody used meanwhile are forgotten. A series with changes must not be forgotten, so <see cref="Age"/> is called between transactions.
/// </summary>
internal sealed class SeriesCache<T>(int generation)
    where T : class
{
    private Dictionary<SeriesKey, T> _young = [];
    private Dictionary<SeriesKey, T> _old = [];

    public T? Find(in SeriesKey key)
    {
        if (_young.TryGetValue(key, out var row))
        {
            return row;
        }

        if (_old.Remove(key, out row))
        {
            _young.Add(key, row);
        }

        return row;
    }

    public void Add(in SeriesKey key, T row) => _young.Add(key, row);

    public void Remove(in SeriesKey key)
    {
        _young.Remove(key);
        _old.Remove(key);
    }

    public void Age()
    {
        if (_young.Count >= generation)
        {
            (_old, _young) = (_young, []);
        }
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
    }
}
