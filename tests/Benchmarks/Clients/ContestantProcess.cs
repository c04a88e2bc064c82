using System.Diagnostics;
using System.Text.Json;

namespace Benchmarks.Clients;

/// <summary>
/// The child process. It runs one client library, so that no other library's heap, threads or compiled code affects the measurement.
/// </summary>
internal static class ContestantProcess
{
    public const string Argument = "contest";

    public const string Ping = "ping";
    public const string Echo = "echo";

    /// <summary>The time until the runtime has compiled all code that a request runs through.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    /// <summary>Answers each line, a request's name and a number of callers, with the figures of a new connection.</summary>
    public static async Task RunAsync(string kind, string address)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            await using var contestant = Contestants.Create(kind);
            await contestant.ConnectAsync(address);
            Func<CallLoop, Task> call = words[0] == Ping ? contestant.PingAsync : contestant.EchoAsync;
            Console.WriteLine(JsonSerializer.Serialize(await MeasureAsync(call, int.Parse(words[1], null))));
        }
    }

    private static async Task<ContestantFigures> MeasureAsync(Func<CallLoop, Task> call, int callers)
    {
        var loop = new CallLoop();
        var calling = Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => call(loop))).ToArray());
        await Task.WhenAny(calling, Task.Delay(WarmUp)); // a caller that ends early has failed
        var figures = await MeasureAsync(loop);
        loop.End();
        await calling;
        return figures;
    }

    private static async Task<ContestantFigures> MeasureAsync(CallLoop loop)
    {
        LatencyHistogram latencies = new(), afterwards = new();
        var (started, allocated, cpu) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage);
        loop.RecordTo(latencies);
        await Task.Delay(Duration);
        loop.RecordTo(afterwards);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var used = Environment.CpuUsage.TotalTime - cpu.TotalTime;
        double count = latencies.Count;
        return new ContestantFigures(
            count / seconds, latencies.GetMicroseconds(0.5), latencies.GetMicroseconds(0.99),
            allocated / count, used.TotalMicroseconds / count);
    }
}
