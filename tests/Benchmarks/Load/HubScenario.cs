using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Benchmarks.Load;

/// <summary>
/// How many messages a second a hub stores with their rollups, from batches that have arrived: no network between edges and hub. With an
/// empty database in the variable HUB_CONNECTION, PostgreSQL is measured, too.
/// </summary>
internal static class HubScenario
{
    private static readonly string? Connection = Environment.GetEnvironmentVariable("HUB_CONNECTION");

    private const int SeriesOfAll = 1_000;
    private const int Messages = 600_000;

    public static async Task RunAsync()
    {
        foreach (var edges in new[] { 1, 4, 16 })
        {
            await RunAsync(HubStoreKind.Sqlite, edges);
            if (Connection is not null)
            {
                await RunAsync(HubStoreKind.PostgreSql, edges);
            }
        }
    }

    private static async Task RunAsync(HubStoreKind kind, int edges)
    {
        var folder = Directory.CreateTempSubdirectory("hub");
        try
        {
            var builder = Host.CreateApplicationBuilder();
            builder.Services.AddHub(hub =>
            {
                hub.Store = kind;
                hub.Path = Path.Combine(folder.FullName, "hub.db");
                hub.ConnectionString = Connection ?? "";
                hub.MaxSeriesPerSource = 100_000; // one database has the sources of all runs
            });
            using var host = builder.Build();
            await using var store = host.Services.GetRequiredService<IHubStore>();
            await store.OpenAsync();
            var before = await store.TotalsAsync();

            // Before the clock starts.
            var batches = Enumerable.Range(0, edges).Select(edge => Make($"edge{edge}of{edges}", edge, edges)).ToArray();
            var process = Process.GetCurrentProcess();
            var processor = process.TotalProcessorTime;
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(batches.Select(own => Task.Run(() => SendAsync(store, own))));
            var seconds = watch.Elapsed.TotalSeconds;
            process.Refresh();
            var totals = await store.TotalsAsync();
            var (rows, series) = (totals.Messages - before.Messages, totals.Series - before.Series);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Hub, {kind}, {edges} edges, {series} series, batches of {Batch.MaxMessages}: "
                + $"{rows / seconds:N0} rows/s, "
                + $"{(process.TotalProcessorTime - processor).TotalMicroseconds / rows:0.0} us CPU of this process, "
                + $"{totals.StoreBytes / totals.Messages} bytes a row"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task SendAsync(IHubStore store, List<Batch> batches)
    {
        await store.HelloAsync("", new Hello(batches[0].Source, Lane.Bulk, 1, 1, null));
        foreach (var batch in batches)
        {
            var answer = await store.AppendAsync("", batch);
            if (answer.Status != AppendStatus.Stored || answer.Mark != batch.Last)
            {
                throw new InvalidOperationException($"The hub answered {answer}.");
            }
        }
    }

    private static List<Batch> Make(string source, int edge, int edges)
    {
        var (own, series) = (Messages / edges, Math.Max(1, SeriesOfAll / edges));
        var topics = Enumerable.Range(0, series).Select(i => $"plant/line{edge}/sensor{i}/temperature").ToArray();
        var random = new Random(edge);
        var start = DateTimeOffset.UnixEpoch.AddYears(56).ToUnixTimeMilliseconds();
        var messages = Enumerable.Range(0, own).Select(i => new BatchMessage(
            i + 1,
            start + (i / series * 1000L),
            topics[i % series],
            Encoding.UTF8.GetBytes((20 + random.NextDouble()).ToString("0.000", CultureInfo.InvariantCulture))));
        return [.. messages.Chunk(Batch.MaxMessages).Select(chunk => new Batch(source, Lane.Bulk, 1, chunk[0].Sequence, chunk, []))];
    }
}
