using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Hub;

namespace Benchmarks.Consoles;

/// <summary>
/// The pages Sources and Data of a hub with 1,000 sources and 10,000,000 readings: the first paint of each, and how long the chart of a
/// year takes. HUB_READINGS is another number of readings; PICTURES is a folder for screenshots.
/// </summary>
internal static class HubPagesScenario
{
    private const int Sources = 1_000;
    private const int Opens = 5;
    private const string Topic = "plant/line1/temperature";

    private static readonly int Readings = int.Parse(
        Environment.GetEnvironmentVariable("HUB_READINGS") ?? "10000000", CultureInfo.InvariantCulture);

    private static readonly string? Pictures = Environment.GetEnvironmentVariable("PICTURES");
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);
    private static readonly TimeSpan Recent = TimeSpan.FromDays(2);

    public static async Task RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("np-hub-");
        try
        {
            var file = Path.Combine(folder.FullName, "hub.db");
            await FillAsync(file);
            await using var program = await ProgramUnderLoad.StartAsync(
                "--NetworkProtocol:Hub:Store=Sqlite", $"--NetworkProtocol:Hub:Path={file}",
                "--NetworkProtocol:Hub:Retention:Raw=00:00:00", "--NetworkProtocol:Hub:Retention:Minutes=00:00:00");
            await using var browsers = await Browsers.StartAsync(program);
            var page = await browsers.NewPageAsync();
            await page.GotoAsync("/");
            var series = await page.EvaluateAsync<int>(
                $"async () => (await (await fetch('/api/v1/hub/series?topic={Topic}')).json()).items[0].id");
            await page.CloseAsync();
            await PaintAsync(browsers, "Sources", "/hub/sources", "td[data-label=Source]");
            await PaintAsync(browsers, "Data", "/hub/data?source=edge0500", ".topic-tree button[aria-expanded=true]");
            await PaintAsync(browsers, "Data, a year", $"/hub/data?series={series}&span=1y", "figure[data-drawn]");
            await ChartAsync(browsers, series);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Half of the readings are of a whole year, and half of the last two days.</summary>
    private static async Task FillAsync(string file)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddHub(hub => (hub.Store, hub.Path) = (HubStoreKind.Sqlite, file));
        using var host = builder.Build();
        await using var store = host.Services.GetRequiredService<IHubStore>();
        await store.OpenAsync();
        var (watch, end) = (Stopwatch.StartNew(), TimeProvider.System.GetUtcNow());
        await Parallel.ForAsync(0, Sources, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (source, _) =>
        {
            var name = $"edge{source:0000}";
            await store.HelloAsync("", new Hello(name, Lane.Bulk, 1, 1, null), CancellationToken.None);
            foreach (var chunk in Messages(end, source).Chunk(Batch.MaxMessages))
            {
                await store.AppendAsync("", new Batch(name, Lane.Bulk, 1, chunk[0].Sequence, chunk, []), CancellationToken.None);
            }
        });
        var totals = await store.TotalsAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{totals.Messages:N0} readings of {totals.Sources:N0} sources in {watch.Elapsed.TotalSeconds:0} s, "
                + $"{totals.StoreBytes / 1048576.0:N0} MiB"));
    }

    private static IEnumerable<BatchMessage> Messages(DateTimeOffset end, int source)
    {
        var half = Readings / Sources / 2;
        for (var i = 0; i < 2 * half; i++)
        {
            var ago = i < half ? Recent + ((Year - Recent) * (half - i) / half) : Recent * (2 * half - i) / half;
            var value = 20 + (8 * Math.Sin(ago.TotalDays / 58)) + (3 * Math.Sin(ago.TotalHours / 3.8)) + (source % 10);
            yield return new BatchMessage(
                i + 1, (end - ago).ToUnixTimeMilliseconds(), Topic,
                Encoding.ASCII.GetBytes(value.ToString("0.000", CultureInfo.InvariantCulture)));
        }
    }

    private static async Task PaintAsync(Browsers browsers, string name, string path, string content)
    {
        var (paints, contents) = (new List<double>(), new List<double>());
        for (var i = 0; i < Opens; i++)
        {
            var page = await browsers.NewPageAsync();
            var watch = Stopwatch.StartNew();
            await page.GotoAsync(path);
            await page.Locator(content).First.WaitForAsync();
            contents.Add(watch.Elapsed.TotalMilliseconds);
            paints.Add(await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
            if (i == 0 && Pictures is not null)
            {
                await PictureAsync(page, name);
            }

            await page.CloseAsync();
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: first paint {paints.Min():0} to {paints.Max():0} ms, its content {contents.Min():0} to {contents.Max():0} ms"));
    }

    private static async Task ChartAsync(Browsers browsers, int series)
    {
        var times = new List<double>();
        var page = await browsers.NewPageAsync();
        await page.GotoAsync($"/hub/data?series={series}&span=1h");
        await page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        foreach (var (button, step) in Enumerable.Repeat(new[] { ("1 year", "86400"), ("1 h", "0") }, Opens).SelectMany(one => one))
        {
            var watch = Stopwatch.StartNew();
            await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await page.Locator($"canvas[data-step='{step}']").WaitForAsync();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        var year = times.Where((_, i) => i % 2 == 0).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The chart of a year, from the click to its drawing: {year.Min():0} to {year.Max():0} ms, "
                + $"{year.Order().ElementAt(year.Count / 2):0} ms in the middle"));
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        foreach (var (theme, other) in new[] { ("light", "Dark theme"), ("dark", "Light theme") })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                await page.SetViewportSizeAsync(width, 860);
                await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures!, $"{name}-{theme}-{width}.png") });
            }

            await page.GetByRole(AriaRole.Button, new() { Name = other }).ClickAsync();
            await page.Locator($"html[data-theme={(theme == "light" ? "dark" : "light")}]")
                .WaitForAsync(new() { State = WaitForSelectorState.Attached });
        }
    }
}
