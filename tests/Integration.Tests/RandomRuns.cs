using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Integration.Tests;

/// <summary>
/// Repeats random runs for some time, each with its own seed, and prints the seed of the last run. <c>NAME_SEED</c> starts with that seed
/// again. <c>NAME_DURATION</c>, such as <c>00:10:00</c>, sets a longer time than the suite's.
/// </summary>
internal sealed class RandomRuns(string name, ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TimeSpan _duration =
        TimeSpan.Parse(Environment.GetEnvironmentVariable($"{name}_DURATION") ?? "00:00:10", CultureInfo.InvariantCulture);
    private readonly int _first =
        int.Parse(Environment.GetEnvironmentVariable($"{name}_SEED") ?? $"{Random.Shared.Next()}", CultureInfo.InvariantCulture);

    public async Task RepeatAsync(Func<int, Task> run, Func<string> summary)
    {
        var started = Stopwatch.GetTimestamp();
        var runs = 0;
        try
        {
            for (; Stopwatch.GetElapsedTime(started) < _duration; runs++)
            {
                await run(_first + runs).WaitAsync(Patience);
            }
        }
        finally
        {
            output.WriteLine($"{name}_SEED={_first}, the last {_first + runs}: {runs} runs, {summary()}");
        }
    }
}
