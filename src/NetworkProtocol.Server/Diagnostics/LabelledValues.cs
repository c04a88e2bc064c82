using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace NetworkProtocol.Server.Diagnostics;

/// <summary>Numbers of rare events, one for each value of an attribute.</summary>
/// <param name="attribute">The attribute's name.</param>
/// <param name="shown">
/// The values that are there with 0 from the start: <c>rate()</c> and <c>increase()</c> see a counter only from its first sample on, and
/// one that came with its first event would hide that event.
/// </param>
internal sealed class LabelledValues(string attribute, params IEnumerable<string> shown)
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> _values =
        new(shown.Select(label => KeyValuePair.Create(label, new StrongBox<long>())));

    public long Sum => _values.Values.Sum(value => Interlocked.Read(ref value.Value));

    public long this[string label] => Interlocked.Read(ref Box(label).Value);

    public void Show(string label) => Box(label);

    public void Add(string label, long count = 1) => Interlocked.Add(ref Box(label).Value, count);

    public void Set(string label, long value) => Interlocked.Exchange(ref Box(label).Value, value);

    /// <summary>All of them, for an instrument.</summary>
    public IEnumerable<Measurement<long>> Measure() => _values.Select(pair =>
        new Measurement<long>(Interlocked.Read(ref pair.Value.Value), KeyValuePair.Create<string, object?>(attribute, pair.Key)));

    private StrongBox<long> Box(string label) => _values.GetOrAdd(label, static _ => new StrongBox<long>());
}
