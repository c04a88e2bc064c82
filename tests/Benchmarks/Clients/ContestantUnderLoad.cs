using System.Text.Json;

namespace Benchmarks.Clients;

/// <summary>The parent process's view of a <see cref="ContestantProcess"/>.</summary>
internal sealed class ContestantUnderLoad(string name, string kind, string address) : IAsyncDisposable
{
    private readonly ChildProcess _process = new(ContestantProcess.Argument, kind, address);

    public string Name => name;

    public async Task<Dictionary<string, double>> MeasureAsync(string request, int callers)
    {
        var figures = JsonSerializer.Deserialize<ContestantFigures>(await _process.AskAsync($"{request} {callers}"))!;
        return new()
        {
            ["messages/s"] = figures.MessagesPerSecond,
            ["p50 us"] = figures.P50,
            ["p99 us"] = figures.P99,
            ["bytes allocated"] = figures.AllocatedBytes,
            ["us CPU"] = figures.CpuMicroseconds,
        };
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
