using Integration.Tests.Edge;
using Integration.Tests.Hub;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The page Buffer of an edge, and the hub's lists of what edges have lost.</summary>
[Collection(SharedBrowser.Name)]
public sealed class EdgePageTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    /// <summary>Names what is wider than the window; empty if the page fits.</summary>
    private const string TooWide = """
        () => document.documentElement.scrollWidth <= innerWidth ? '' : ['page', ...[...document.querySelectorAll('body *')]
          .filter(one => one.getBoundingClientRect().right > innerWidth)
          .map(one => `${one.tagName}.${one.className}`).slice(0, 20)].join(' ')
        """;

    [Fact]
    public async Task An_operator_sees_what_waits_pauses_the_uplink_and_discards_by_typing_the_number()
    {
        await using var nodes = new EdgeAndHub();
        await nodes.StartHubAsync();
        await nodes.StartEdgeAsync();
        var page = await Browser.OpenAsOperatorAsync(nodes.Edge);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Buffer", Exact = true })).ToBeVisibleAsync();
        await page.VisitAsync("/edge/buffer");
        await Expect(page.Locator("[data-edge=link]")).ToHaveTextAsync("up");
        await PressAsync(page.Button("Pause the uplink"));
        await Expect(page.Locator("[data-edge=link]")).ToHaveTextAsync("paused");
        await Expect(page.Button("Flush now")).ToBeDisabledAsync();
        await PublishAsync(nodes, "a 1\na 2\na 3\n");
        await Expect(page.Locator("[data-edge=messages]")).ToHaveTextAsync("3");
        await Expect(page.Locator("[data-edge=empty]")).ToHaveTextAsync("never");
        await AssertFitsAndHasNothingSeriousAsync(page);

        await PressAsync(page.Button("Discard…"));
        await Expect(page.Locator("[data-discard]")).ToHaveTextAsync("3");
        await PublishAsync(nodes, "a 4\n"); // while the operator types
        await Expect(page.Locator("[data-edge=messages]")).ToHaveTextAsync("4");
        await Expect(page.Button("Discard 3")).ToBeDisabledAsync();
        await page.GetByLabel("Type 3 to confirm").FillAsync("4");
        await Expect(page.Button("Discard 3")).ToBeDisabledAsync();
        await page.GetByLabel("Type 3 to confirm").FillAsync("3");
        await page.Button("Discard 3").ClickAsync();
        await Expect(page.Locator("[data-edge=messages]")).ToHaveTextAsync("1");
        await Expect(page.Locator("[data-edge=dropped]")).ToHaveTextAsync("3");
        var drops = page.Locator("tbody tr").Filter(new() { HasText = "discarded" });
        await Expect(drops.Locator("td[data-label=Messages]")).ToHaveTextAsync("3");

        await PressAsync(page.Button("Resume the uplink"));
        await Expect(page.Locator("[data-edge=link]")).ToHaveTextAsync("up");
        await Expect(page.Locator("[data-edge=messages]")).ToHaveTextAsync("0");
        await Expect(page.Locator("[data-edge=empty]")).ToHaveTextAsync("empty");
        await page.VisitAsync("/audit");
        foreach (var action in (string[])["pause-edge", "discard-edge", "resume-edge"])
        {
            await Expect(page.GetByText(action, new() { Exact = true }).First).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task A_hub_lists_what_edges_have_lost_and_what_it_has_put_aside()
    {
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await HubMonth.FillAsync(server);
        await using (var feed = await HubFeed.ConnectAsync(server, "greenhouse-2"))
        {
            await feed.SendAsync("pack", TimeProvider.System.GetUtcNow(), """[{"n":"t","v":"warm"}]""");
        }

        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/hub/sources");
        await page.Locator("tbody tr").Filter(new() { HasText = "edge1" }).Filter(new() { HasText = "bulk" })
            .Locator("td[data-label=Lost] a").ClickAsync();
        await Expect(page.Locator("td[data-label=Reason]")).ToHaveTextAsync("full");
        await Expect(page.Locator("td[data-label=Messages]")).ToHaveTextAsync("3");
        await page.GetByLabel("Source").FillAsync("greenhouse-2");
        await page.Button("Show").ClickAsync();
        await Expect(page.GetByText("No edge has lost anything.")).ToBeVisibleAsync();
        await page.VisitAsync("/hub/dead-letters?source=greenhouse-2");
        await Expect(page.Locator("td[data-label=Topic]")).ToHaveTextAsync("pack");
        await Expect(page.Locator("td[data-label=Payload]")).ToContainTextAsync("warm");
        await AssertFitsAndHasNothingSeriousAsync(page);
    }

    private static async Task AssertFitsAndHasNothingSeriousAsync(IPage page)
    {
        foreach (var theme in (string[])["Dark theme", "Light theme"])
        {
            foreach (var width in (int[])[1280, 390])
            {
                await page.SetViewportSizeAsync(width, width > 700 ? 860 : 844);
                await page.VisitAsync(new Uri(page.Url).PathAndQuery); // with the menu closed on a phone
                await page.Locator("td[data-label]").First.WaitForAsync();
                Assert.Equal("", await page.EvaluateAsync<string>(TooWide));
                Assert.Empty(await page.FindSeriousAsync());
            }

            await page.SetViewportSizeAsync(1280, 860);
            await page.Button(theme).ClickAsync();
            await page.Locator($"html[data-theme={theme.Split(' ')[0].ToLowerInvariant()}]")
                .WaitForAsync(new() { State = WaitForSelectorState.Attached });
        }
    }

    // By keyboard: the result of the action before may lie over the button.
    private static async Task PressAsync(ILocator button)
    {
        await button.FocusAsync();
        await button.PressAsync("Enter");
    }

    private static async Task PublishAsync(EdgeAndHub nodes, string lines)
    {
        var (exitCode, _, errors) = await NetprotoProcess.RunAsync([], lines, "publish", $"unix:{nodes.Socket}");
        Assert.Equal((0, ""), (exitCode, errors));
    }
}
