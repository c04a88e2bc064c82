using System.Diagnostics;

namespace Benchmarks.Clients;

/// <summary>
/// The loop of each caller: one request after the other. The loop allocates nothing, so that all measured allocations are the library's.
/// </summary>
internal sealed class CallLoop
{
    private LatencyHistogram _latencies = new();
    private volatile bool _ended;

    /// <summary>Sets the histogram that the callers record in. The callers run on while the measurement starts and ends.</summary>
    public void RecordTo(LatencyHistogram latencies) => Volatile.Write(ref _latencies, latencies);

    public void End() => _ended = true;

    public Task RunAsync<T>(Func<Task<T>> request) => RunAsync(() => new ValueTask<T>(request()));

    public async Task RunAsync<T>(Func<ValueTask<T>> request)
    {
        while (!_ended)
        {
            var started = Stopwatch.GetTimestamp();
            await request();
            Volatile.Read(ref _latencies).Record(Stopwatch.GetTimestamp() - started);
        }
    }
}
