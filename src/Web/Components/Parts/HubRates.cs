using NetworkProtocol.Admin;

namespace NetworkProtocol.Web.Components.Parts;

/// <summary>How many messages a second sources send, from what a page has read in the last ten seconds.</summary>
internal sealed class HubRates
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Queue<(DateTimeOffset At, Dictionary<(string Name, string Lane), long> Messages)> _read = new();
    private Dictionary<(string Name, string Lane), double> _rates = [];

    /// <summary>Adds what was read.</summary>
    public void Add(IReadOnlyList<HubSourceRow> rows, DateTimeOffset now)
    {
        while (_read.TryPeek(out var old) && now - old.At > Window)
        {
            _read.Dequeue();
        }

        var messages = rows.ToDictionary(row => (row.Name, row.Lane), row => row.Messages);
        _read.Enqueue((now, messages));
        var (at, before) = _read.Peek();
        var seconds = (now - at).TotalSeconds;
        _rates = seconds < 0.5 ? [] : messages.Where(row => before.ContainsKey(row.Key))
            .ToDictionary(row => row.Key, row => (row.Value - before[row.Key]) / seconds);
    }

    /// <summary>The rate; null until there are two values.</summary>
    public double? Of(HubSourceRow row) => _rates.TryGetValue((row.Name, row.Lane), out var rate) ? rate : null;
}
