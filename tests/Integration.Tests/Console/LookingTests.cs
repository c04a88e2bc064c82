using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NetworkProtocol.Messages;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The console in a real browser: its content, its navigation, and its reconnection.</summary>
[Collection(SharedBrowser.Name)]
public sealed class LookingTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    private static readonly int[] Widths = [390, 1280]; // the next page starts with the last width

    // A page needs some frames to adopt a new size.
    private const string Fits = """
        async () => {
            const page = document.documentElement;
            for (let frame = 0; frame < 100 && page.scrollWidth > innerWidth; frame++) {
                await new Promise(requestAnimationFrame);
            }
            return page.scrollWidth <= innerWidth;
        }
        """;

    [Fact]
    public async Task A_client_that_says_the_same_over_and_over_hurts_no_page()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        foreach (var path in (string[])["/connections/node-1/1", "/errors"])
        {
            await page.VisitAsync(path);
            await client.SendAsync(Enumerable.Repeat<Message>(new Message.Custom("NOBODY", default), 200).ToArray());
            for (var answer = 0; answer < 200; answer++)
            {
                await client.ReadAsync();
            }

            await Expect(page.Locator("main")).ToContainTextAsync("Unknown command: NOBODY");
            await page.Button("Pause").ClickAsync();
            await Expect(page.Button("Resume")).ToBeVisibleAsync(); // the page is interactive
            await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        }
    }

    [Fact]
    public async Task Who_looks_at_a_connection_sends_its_client_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections/node-1/1");
        await Expect(page.Locator("[data-round-trip]")).ToContainTextAsync("not measured yet");
        await Expect(page.GetByText(new Regex("^[2-9] s$")).First).ToBeVisibleAsync(); // the page was updated twice
        var answer = await page.EvaluateAsync<string>("async () => (await fetch('/api/v1/connections/node-1/1')).text()");
        Assert.Contains("\"pinged\":true", answer, StringComparison.Ordinal);
        await client.SendAsync(new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
    }

    [Fact]
    public async Task Quick_clicks_before_the_charts_are_there_hurt_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        var clicked = new TaskCompletionSource();
        await page.Context.RouteAsync("**/charts.js", async route =>
        {
            await clicked.Task; // as on a slow line
            await route.ContinueAsync();
        });
        await page.VisitAsync("/");
        await page.Button("24 h").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit" })).ToBeVisibleAsync();
        clicked.SetResult();
        await page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Errors", Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_paused_page_stands_still_until_it_goes_on()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/errors");
        await page.Button("Pause").ClickAsync();
        await Expect(page.Button("Resume")).ToBeVisibleAsync();
        await client.SendAsync(new Message.Custom("<script>alert(1)</script>", default));
        await client.ReadAsync();
        var live = await page.Context.NewPageAsync();
        await live.VisitAsync("/errors");
        await Expect(live.Locator("td[data-label=Text]")).ToHaveTextAsync("Unknown command: <script>alert(1)</script>");
        await Expect(page.Locator("td.empty")).ToBeVisibleAsync();
        await page.Button("Resume").ClickAsync();
        await Expect(page.Locator("td[data-label=Text]")).ToHaveCountAsync(1);
        await page.GetByLabel("Show").SelectOptionAsync("by kind");
        await Expect(page.Locator("td[data-label='How many']")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task A_chart_is_read_by_pointer_and_keyboard()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/");
        var chart = page.Locator("figure").First;
        var canvas = chart.Locator("canvas");
        await Expect(chart.Locator("output")).ToHaveTextAsync(new Regex("^nowopen 0"));
        await canvas.FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(chart.Locator("output")).ToHaveTextAsync(new Regex("^[0-9:]{8}open 0"));
        await Expect(canvas).ToHaveAttributeAsync("aria-label", new Regex("^Connections: [0-9:]{8} open 0"));
        var box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width - 10, box.Y + 40); // the newest point, which exists from the start
        // All charts show the same moment.
        await Expect(page.Locator("figure output").Last).ToHaveTextAsync(new Regex("^[0-9:]{8}errors 0"));
        await page.Button("24 h").ClickAsync();
        await Expect(page.GetByText("The last 24 hours, one point every ten seconds")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Columns_sort_by_keyboard()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var first = await ServedClient.ConnectAsync(server.Protocol);
        await using var second = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        var ids = page.Locator("td[data-label=Id]");
        await Expect(ids).ToHaveTextAsync(["1", "2"]);
        var header = page.GetByRole(AriaRole.Columnheader, new() { Name = "Age" });
        await header.GetByRole(AriaRole.Button).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(header).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(ids).ToHaveTextAsync(["2", "1"]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(ids).ToHaveTextAsync(["1", "2"]);
    }

    [Fact]
    public async Task The_dark_theme_is_kept()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/");
        await page.Button("Dark theme").ClickAsync();
        await Expect(page.Button("Light theme")).ToBeVisibleAsync();
        await page.VisitAsync("/closed");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.Button("Light theme")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_whose_server_has_restarted_comes_back_by_itself()
    {
        using var data = new TemporaryFolder();
        var kept = $"--NetworkProtocol:Admin:DataPath={data.Path}";
        var server = await ConsoleServer.StartAsync(kept);
        var http = $"--NetworkProtocol:Http:Listen=127.0.0.1:{server.Http.Port}";
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        await server.DisposeAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await using var again = await ConsoleServer.StartAsync(kept, http);
        await using var client = await ServedClient.ConnectAsync(again.Protocol);
        await Expect(page.Locator("td[data-label=Id]")).ToHaveTextAsync("1", new() { Timeout = 60_000 });
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_page_whose_connection_was_cut_goes_on_where_it_was()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var relay = await Relay.StartAsync(new(IPAddress.Loopback, server.Http.Port));
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync($"http://127.0.0.1:{relay.Port}{server.SignInLink}");
        await page.Button("Sign in").ClickAsync();
        await page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Button("Pause").ClickAsync(); // only the lost circuit has this state
        relay.Cut();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(page.Button("Resume")).ToBeVisibleAsync();
        await page.Button("Resume").ClickAsync();
        await Expect(page.Button("Pause")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task No_page_has_a_serious_finding_of_axe_or_is_wider_than_its_window()
    {
        await using var server = await ConsoleServer.StartAsync(Upstream);
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        await client.SendAsync(new Message.Custom("ORDER", default), new Message.Custom("NOBODY", default));
        await client.ReadAsync();
        var page = await Browser.OpenAsOperatorAsync(server, Widths[^1]);
        var messages = new ConcurrentQueue<IConsoleMessage>(); // pages write messages while the test runs
        page.Console += (_, message) => messages.Enqueue(message);
        foreach (var path in (string[])[.. Pages, "/connections/node-1/1"])
        {
            await page.VisitAsync(path);
            foreach (var width in Widths)
            {
                await page.SetViewportSizeAsync(width, 800);
                Assert.True(await page.EvaluateAsync<bool>(Fits), path);
                Assert.Empty(await page.FindSeriousAsync());
            }

            var theme = page.Locator("button[aria-label$=' theme']");
            var other = await theme.GetAttributeAsync("aria-label");
            await theme.ClickAsync();
            await Expect(theme).Not.ToHaveAttributeAsync("aria-label", other!);
            // The check covers everything that the theme changes; the next page starts with this theme.
            Assert.Empty(await page.FindSeriousAsync(coloursAlone: true));
        }

        Assert.DoesNotContain(messages, message => message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal));
    }
}
