using System.Collections.Concurrent;
using System.Diagnostics;
using NetworkProtocol.Forwarding;

namespace Integration.Tests.Edge;

/// <summary>The batches that a hub's store has taken, and when.</summary>
internal sealed class Arrivals
{
    private readonly ConcurrentQueue<Arrival> _all = new();

    /// <param name="Lane">The lane.</param>
    /// <param name="First">The first number.</param>
    /// <param name="Last">The last number.</param>
    /// <param name="Messages">How many of the numbers are messages, and not lost.</param>
    /// <param name="At">The timestamp of the commit.</param>
    public sealed record Arrival(Lane Lane, long First, long Last, int Messages, long At);

    /// <summary>Whether the store takes a batch, and the edge does not learn of it.</summary>
    public bool LosesAnswers { get; set; }

    public Arrival[] Of(Lane lane, long since = 0) => [.. _all.Where(one => one.Lane == lane && one.At >= since).OrderBy(one => one.At)];

    /// <summary>The last number of a lane that the store has taken; 0 if none.</summary>
    public long LastOf(Lane lane) => _all.Where(one => one.Lane == lane).Select(one => one.Last).DefaultIfEmpty().Max();

    public void Add(Batch batch) =>
        _all.Enqueue(new Arrival(batch.Lane, batch.First, batch.Last, batch.Messages.Count, Stopwatch.GetTimestamp()));
}
