using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>The real <c>netproto bench --reconnect</c>, whose clients send requests while the test disturbs their servers.</summary>
internal sealed class Bench(Background process) : IAsyncDisposable
{
    /// <summary>Starts the program and waits until all its clients are connected.</summary>
    public static async Task<Bench> StartAsync(TimeSpan duration, int clients, params string[] arguments)
    {
        var bench = new Bench(Background.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "command-line", "netproto.dll"), "bench", .. arguments, "--reconnect",
            "--connections", $"{clients}", "--duration", $"{duration}", "--json",
        ])));
        await bench.IsReadyAsync();
        return bench;
    }

    /// <summary>Ends the program early. The signal is TERM, because a shell makes background programs ignore INT.</summary>
    public async Task<BenchResult> StopAsync()
    {
        (await Tool.RunAsync("sh", "-c", $"kill -TERM {process.Id}")).Good();
        return await ResultAsync();
    }

    public async Task<BenchResult> ResultAsync()
    {
        var printed = await process.EndAsync();
        return JsonSerializer.Deserialize<BenchResult>(
            printed.Split('\n').Single(line => line.StartsWith('{')), JsonSerializerOptions.Web)!;
    }

    public string Printed => process.Printed;

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private Task IsReadyAsync() => process.PrintsAsync("clients are connected");
}

/// <summary>The program's result. Times are in milliseconds.</summary>
internal sealed record BenchResult(
    long Answered, int Failed, Dictionary<string, int> Failures, double SilenceP50,
    double SilenceP99, double SilenceMax, double P50, double P99)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Answered} answered, {Failed} failed ({string.Join(", ", Failures)}), silence {SilenceP50:0} / {SilenceP99:0} / {SilenceMax:0} "
            + $"ms, p50 {P50:0.000}, p99 {P99:0.000} ms");
}
