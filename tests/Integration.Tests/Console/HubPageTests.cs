using System.Text.RegularExpressions;
using Integration.Tests.Hub;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The pages of a hub: Sources and Data.</summary>
[Collection(SharedBrowser.Name)]
public sealed class HubPageTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    private const string Fits = "() => document.documentElement.scrollWidth <= innerWidth";

    [Fact]
    public async Task Sources_shows_what_each_source_has_sent_and_what_it_has_lost()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await HubMonth.FillAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.GetByRole(AriaRole.Link, new() { Name = "Sources", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/hub/sources$"));
        var row = page.Locator("tbody tr").Filter(new() { HasText = "edge1" }).Filter(new() { HasText = "bulk" });
        await Expect(row.Locator("td[data-label=Lost]")).ToHaveTextAsync("3");
        await Expect(row.Locator("td[data-label=Lane]")).ToHaveTextAsync("bulk");
        await Expect(page.Locator("[data-hub=lost]")).ToHaveTextAsync("3");
        await Expect(row.Locator("td[data-label='A second']")).ToHaveTextAsync("0"); // the page has read twice
        await row.GetByRole(AriaRole.Link, new() { Name = "edge1" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "edge1" })).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "room1" })).ToHaveAttributeAsync("aria-expanded", "false");
    }

    [Fact]
    public async Task A_series_is_found_and_its_chart_read_by_keyboard()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await HubMonth.FillAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.GetByRole(AriaRole.Link, new() { Name = "Data", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Data", Exact = true })).ToBeFocusedAsync();
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "edge1" }));
        await PressAsync(page.GetByRole(AriaRole.Button, new() { Name = "room1" }));
        await PressAsync(page.GetByRole(AriaRole.Link, new() { Name = "temperature", Exact = true }));
        await Expect(page).ToHaveURLAsync(new Regex(@"/hub/data\?series=\d+&span=1h$"));
        var canvas = page.Locator("canvas");
        await Expect(canvas).ToHaveAttributeAsync("data-step", "0"); // an hour is drawn from each reading
        await Expect(canvas).ToHaveAttributeAsync("data-points", new Regex("^[1-9]"));
        await Expect(page.Locator("figure output")).ToHaveTextAsync(new Regex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d-?[0-9.]+$"));
        await Expect(page.Locator("td[data-label=Value]").First).ToHaveTextAsync(new Regex("^-?[0-9.]+$"));
        foreach (var (name, key, step) in ((string, string, string)[])
            [("1 day", "1d", "60"), ("30 days", "30d", "3600"), ("1 year", "1y", "86400")])
        {
            await PressAsync(page.Button(name));
            await Expect(page).ToHaveURLAsync(new Regex($"span={key}$"));
            await Expect(canvas).ToHaveAttributeAsync("data-step", step);
        }

        await Expect(canvas).ToHaveAttributeAsync("data-points", new Regex("^3[0-9]$")); // thirty days and a part
        await canvas.FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(canvas).ToHaveAttributeAsync("aria-label", new Regex(@"^room1/temperature: .* UTC mean .*, .* to .* of \d+$"));

        await page.ReloadAsync(); // the address has all that the page shows
        await Expect(canvas).ToHaveAttributeAsync("data-step", "86400");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "temperature", Exact = true }))
            .ToHaveAttributeAsync("aria-current", "page");
        var export = await page.Locator(".series a[href*=rollups][href*=csv]").GetAttributeAsync("href");
        var csv = await page.EvaluateAsync<string>("async path => (await fetch(path)).text()", export);
        Assert.StartsWith("start,count,sum,min,max,avg,last\r\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_is_no_number_is_shown_as_text_and_never_run()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using (var feed = await HubFeed.ConnectAsync(server, "<b>edge</b>"))
        {
            await feed.SendAsync("<img src=x onerror=alert(1)>", TimeProvider.System.GetUtcNow(), "<script>alert(1)</script>");
            await feed.SendAsync([("bytes", TimeProvider.System.GetUtcNow(), new byte[] { 0xFF, 0x00 })]);
        }

        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/hub/data");
        await page.GetByRole(AriaRole.Button, new() { Name = "<b>edge</b>" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "<img src=x onerror=alert(1)>" }).ClickAsync();
        await Expect(page.Locator("td[data-label=Value]")).ToHaveTextAsync("<script>alert(1)</script>");
        await Expect(page.GetByText("There are no numbers in this time.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "bytes", Exact = true }).ClickAsync();
        await Expect(page.Locator("td[data-label=Value]")).ToHaveTextAsync("bytes in Base64: /wA=");
        await page.VisitAsync("/hub/data?series=4711&span=1h");
        await Expect(page.Locator(".problem")).ToHaveTextAsync("There is no series 4711.");
        await page.VisitAsync("/hub/data?series=seven");
        await Expect(page.Locator(".problem")).ToHaveTextAsync("series = seven: must be the number of a series.");
    }

    [Fact]
    public async Task A_level_with_many_topics_is_opened_in_parts()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await using (var feed = await HubFeed.ConnectAsync(server, "edge1"))
        {
            await feed.SendAsync(Enumerable.Range(0, 1500).Select(i => (
                $"sensor{i:0000}", TimeProvider.System.GetUtcNow(), (ReadOnlyMemory<byte>)"1"u8.ToArray())));
        }

        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/hub/data");
        await page.GetByRole(AriaRole.Button, new() { Name = "edge1" }).ClickAsync();
        var leaves = page.Locator(".topic-tree a");
        await Expect(leaves).ToHaveCountAsync(1000);
        await page.Button("More…").ClickAsync();
        await Expect(leaves).ToHaveCountAsync(1500);
        await Expect(page.Button("More…")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_menu_of_a_node_that_is_no_hub_has_no_such_page_and_an_address_says_why()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Connections" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sources" })).ToHaveCountAsync(0);
        foreach (var path in (string[])["/hub/sources", "/hub/data"])
        {
            await page.VisitAsync(path);
            await Expect(page.Locator(".problem")).ToHaveTextAsync("This node is no hub: NetworkProtocol:Hub:Store is None.");
        }
    }

    [Fact]
    public async Task The_pages_have_no_serious_finding_of_axe_and_fit_a_phone_in_light_and_dark()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await HubMonth.FillAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        var id = await page.EvaluateAsync<int>(
            "async () => (await (await fetch('/api/v1/hub/series?topic=room1/temperature')).json()).items[0].id");
        foreach (var theme in (string[])["light", "dark"])
        {
            foreach (var width in (int[])[1280, 390])
            {
                await page.SetViewportSizeAsync(width, width > 700 ? 860 : 844);
                foreach (var (path, name) in ((string, string)[])[("/hub/sources", "sources"), ($"/hub/data?series={id}&span=30d", "data")])
                {
                    await page.VisitAsync(path);
                    await (name == "data" ? page.Locator("figure[data-drawn]")
                        : page.Locator("td[data-label=Source]").First).WaitForAsync();
                    Assert.True(await page.EvaluateAsync<bool>(Fits), path);
                    Assert.Empty(await page.FindSeriousAsync());
                }
            }

            if (theme == "light")
            {
                await page.Button("Dark theme").ClickAsync();
                await page.Locator("html[data-theme=dark]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
            }
        }
    }

    private static async Task PressAsync(ILocator control)
    {
        await control.FocusAsync();
        await control.PressAsync("Enter");
    }
}
