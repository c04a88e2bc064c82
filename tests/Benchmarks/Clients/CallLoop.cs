using System.Diagnostics;

namespace Benchmarks.Clients;

/// <summary>What each caller does: one request after the other. It allocates nothing, so that what is measured is the library's.</summary>
internal sealed class CallLoop
{
    private LatencyHistogram _latencies = new();
    private volatile bool _ended;

    /// <summary>From now on the callers record here: they go on while measuring begins and ends.</summary>
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
