using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The charts of the last minutes and hours.</summary>
[Collection(SharedBrowser.Name)]
public sealed class ChartTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    [Fact]
    public async Task Every_charts_axis_has_its_unit()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/");
        foreach (var (title, axis) in ((string, string)[])
        [
            ("Connections", "^0 open 1 open 2 open$"),
            ("Messages a second", @"^0/s \S+/s \S+/s$"),
            ("Bytes a second", "^0 B/s [0-9.]+ (B|KiB)/s [0-9.]+ (B|KiB)/s$"),
            ("Time of requests", @"^0 ms \S+ ms \S+ ms$"),
            ("Handshakes a second", @"^0/s \S+/s \S+/s$"),
            ("Errors a second", @"^0/s \S+/s \S+/s$"),
        ])
        {
            var chart = page.Locator("figure").Filter(new() { Has = page.GetByText(title, new() { Exact = true }) });
            await Expect(chart.Locator("canvas")).ToHaveAttributeAsync("data-axis", new Regex(axis));
        }

        await Expect(page.Locator("figure")).ToHaveCountAsync(6); // a new chart needs a change here
    }

    [Fact]
    public async Task A_chart_says_that_it_waits_until_it_has_data()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        var first = new TaskCompletionSource();
        await page.Context.RouteAsync("**/api/v1/series**", async route =>
        {
            await first.Task; // as with a server that has just started, or a slow line
            await route.ContinueAsync();
        });
        await page.VisitAsync("/");
        var waiting = page.GetByText("Waiting for the first second of data…");
        await Expect(waiting).ToHaveCountAsync(6);
        await Expect(waiting.First).ToBeVisibleAsync();
        await Expect(page.Locator("canvas").First).ToBeHiddenAsync();
        first.SetResult();
        await Expect(page.Locator("canvas").First).ToBeVisibleAsync();
        await Expect(waiting.First).ToBeHiddenAsync();
        await page.Button("24 h").ClickAsync();
        await Expect(page.GetByText("Waiting for the first ten seconds of data…")).ToHaveCountAsync(6);
    }
}
