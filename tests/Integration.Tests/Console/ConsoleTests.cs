using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NetworkProtocol.Messages;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The console in a real browser, with real clients at the server.</summary>
[Collection(SharedBrowser.Name)]
public sealed partial class ConsoleTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    private static readonly string[] Pages =
    [
        "/", "/connections", "/closed", "/bans", "/breakers", "/errors", "/errors?group=kinds", "/healthchecks-ui", "/certificates", "/configuration", "/tokens", "/audit",
        "/not-found",
    ];

    private static readonly string[] Upstream =
    [
        "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1",
        "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER",
        "--NetworkProtocol:Upstreams:orders:Transport=SecureHandshake",
    ];

    [Fact]
    public async Task The_printed_link_signs_in_once()
    {
        await using var server = await AccessTests.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await Expect(page.Locator(".user")).ToHaveTextAsync("admin (operator)");
        var other = await Browser.OpenAsync(server);
        await other.GotoAsync(server.SignInLink);
        await other.Button("Sign in").ClickAsync();
        await Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("used already");
        Assert.Empty(await other.FindSeriousAsync());
    }

    [Fact]
    public async Task A_password_signs_in_and_wrong_ones_are_limited()
    {
        await using var server = await AccessTests.StartAsync($"--NetworkProtocol:Admin:Password={AccessTests.Hash}");
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/errors"); // remembered over the sign-in
        await SignInAsync(page, "admin", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name or password is wrong.");
        Assert.Empty(await page.FindSeriousAsync());
        await SignInAsync(page, "admin", AccessTests.Password);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Errors", Exact = true })).ToBeVisibleAsync();
        var guesser = await Browser.OpenAsync(server);
        await guesser.GotoAsync("/sign-in");
        for (var attempt = 0; attempt < 4; attempt++)
        {
            await SignInAsync(guesser, "admin", "wrong");
        }

        await Expect(guesser.GetByRole(AriaRole.Alert)).ToContainTextAsync("Too many attempts");
    }

    [Fact]
    public async Task Signing_out_ends_every_tab()
    {
        await using var server = await AccessTests.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        var tab = await page.Context.NewPageAsync();
        await tab.VisitAsync("/connections");
        await page.Button("Sign out").ClickAsync();
        await Expect(page).ToHaveURLAsync(SignInUrl());
        await Expect(tab).ToHaveURLAsync(SignInUrl());
    }

    [Fact]
    public async Task A_viewer_has_nothing_to_change_anything_with()
    {
        await using var server = await AccessTests.StartAsync(
            [.. Upstream, $"--NetworkProtocol:Admin:Users:vera:Password={AccessTests.Hash}", "--NetworkProtocol:Admin:Users:vera:Role=Viewer"]);
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/sign-in");
        await SignInAsync(page, "vera", AccessTests.Password);
        await Expect(page.Locator(".user")).ToHaveTextAsync("vera (viewer)");
        foreach (var path in (string[])[.. Pages, "/connections/1"])
        {
            await page.VisitAsync(path);
            var buttons = await page.Locator("main button").AllInnerTextsAsync();
            Assert.DoesNotContain(buttons, text => Change().IsMatch(text));
        }
    }

    [Fact]
    public async Task A_disconnected_client_is_seen_in_closed_and_audit()
    {
        await using var server = await AccessTests.StartAsync();
        await using var client = await ConnectAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        await page.Locator("td[data-label=Id] a").First.ClickAsync();
        await Expect(page.Locator("dd").Filter(new() { HasTextRegex = new Regex("^127\\.0\\.0\\.1:") }).First).ToBeVisibleAsync();
        await page.Button("Disconnect").ClickAsync();
        while (await client.ReadAsync() is not (Message.Disconnect or null))
        {
            // A Ping, because somebody looks at the round trip.
        }

        await client.DisposeAsync();
        await page.VisitAsync("/closed");
        await Expect(page.Locator("td[data-label=Reason]").First).ToHaveTextAsync("kicked");
        await page.VisitAsync("/audit");
        await Expect(page.Locator("tr").Filter(new() { HasText = "connection 1" })).ToContainTextAsync("disconnect");
    }

    [Fact]
    public async Task A_client_that_says_the_same_over_and_over_hurts_no_page()
    {
        await using var server = await AccessTests.StartAsync();
        await using var client = await ConnectAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        foreach (var path in (string[])["/connections/1", "/errors"])
        {
            await page.VisitAsync(path);
            await client.SendAsync(Enumerable.Repeat<Message>(new Message.Custom("NOBODY", default), 200).ToArray());
            for (var answer = 0; answer < 200; answer++)
            {
                await client.ReadAsync();
            }

            await Expect(page.Locator("main")).ToContainTextAsync("Unknown command: NOBODY");
            await page.Button("Pause").ClickAsync();
            await Expect(page.Button("Go on")).ToBeVisibleAsync(); // the page is alive
            await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
        }
    }

    [Fact]
    public async Task Quick_clicks_before_the_charts_are_there_hurt_nothing()
    {
        await using var server = await AccessTests.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.Context.RouteAsync("**/charts.js", async route =>
        {
            await Task.Delay(500); // a slow line
            await route.ContinueAsync();
        });
        await page.VisitAsync("/");
        await page.Button("24 h").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Errors", Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task All_that_match_a_filter_are_disconnected_after_a_count()
    {
        await using var server = await AccessTests.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync(server)));
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        await page.GetByLabel("Transport").SelectOptionAsync("tls");
        await Expect(page.Locator(".total")).ToHaveTextAsync("0");
        await Expect(page).ToHaveURLAsync(new Regex("transport=tls"));
        await page.GetByLabel("Transport").SelectOptionAsync("secure");
        await page.Button("Disconnect these 3…").ClickAsync();
        await page.Button("Disconnect 3").ClickAsync();
        foreach (var client in clients)
        {
            await client.ReadToEndAsync();
        }

        await Expect(page.Locator(".total")).ToHaveTextAsync("0");
        await page.VisitAsync("/closed?reason=kicked");
        await Expect(page.Locator(".total")).ToHaveTextAsync("3");
    }

    [Fact]
    public async Task A_ban_ends_a_client_and_keeps_it_out_until_it_is_lifted()
    {
        await using var server = await AccessTests.StartAsync();
        await using var client = await ConnectAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections/1");
        await page.Button("Ban…").ClickAsync();
        await page.GetByLabel("Reason, for the next operator").FillAsync("<b>loud</b>");
        await page.Button("Ban").ClickAsync();
        await client.ReadToEndAsync();
        await using (var refused = await WireClient.ConnectAsync(server.Protocol))
        {
            Assert.Null(await refused.ReadPayloadAsync());
        }

        await page.VisitAsync("/bans");
        await Expect(page.Locator("td[data-label=Target]")).ToHaveTextAsync("127.0.0.1");
        await Expect(page.Locator("td[data-label=Reason]")).ToHaveTextAsync("<b>loud</b>"); // text, whatever it says
        await page.Button("Lift the ban of 127.0.0.1").ClickAsync();
        await Expect(page.Locator("td.empty")).ToBeVisibleAsync();
        await using var welcome = await ConnectAsync(server);
        await page.VisitAsync("/closed?reason=banned");
        await Expect(page.Locator(".total")).ToHaveTextAsync("2");
        await page.VisitAsync("/audit");
        await Expect(page.Locator("td[data-label=Action]").First).ToHaveTextAsync("unban");
    }

    [Fact]
    public async Task A_breaker_is_isolated_and_reset()
    {
        await using var server = await AccessTests.StartAsync(Upstream);
        await using var client = await ConnectAsync(server);
        await client.SendAsync(new Message.Custom("ORDER", default));
        Assert.Equal(Message.Custom.ErrorCommand, Assert.IsType<Message.Custom>(await client.ReadAsync()).Command);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/breakers");
        var breaker = page.Locator("[data-breaker='orders:127.0.0.1:1']");
        await breaker.GetByRole(AriaRole.Button, new() { Name = "Isolate" }).ClickAsync();
        await Expect(breaker.Locator(".breaker-state")).ToHaveTextAsync("isolated");
        using var session = new AdminSession(server);
        Assert.Contains("breaker_state{name=\"orders:127.0.0.1:1\"} 3", await session.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await breaker.GetByRole(AriaRole.Button, new() { Name = "Reset" }).ClickAsync();
        await Expect(breaker.Locator(".breaker-state")).Not.ToHaveTextAsync("isolated");
        await breaker.Locator("summary").ClickAsync();
        await Expect(breaker.Locator("td[data-label=Why]").Filter(new() { HasText = "reset by hand" })).ToBeVisibleAsync();
        await page.VisitAsync("/healthchecks-ui");
        await Expect(page.Locator("section.card h2").First).ToHaveTextAsync("client orders"); // the worst first
    }

    [Fact]
    public async Task A_drain_shows_its_progress_and_is_undone()
    {
        await using var server = await AccessTests.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync(server)));
        var page = await Browser.OpenAsOperatorAsync(server);
        using var probe = new AdminSession(server);
        await page.VisitAsync("/");
        await page.Button("Drain…").ClickAsync();
        await page.GetByLabel("Connections a second").FillAsync("1");
        await page.GetByLabel("Deadline in seconds, when the rest is ended").FillAsync("600");
        await page.Button("Drain").ClickAsync();
        await Expect(page.Locator(".banner")).ToContainTextAsync("Draining");
        await Expect(page.Locator(".server-state")).ToHaveTextAsync("draining");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await probe.Http.GetAsync("/ready")).StatusCode);
        await page.Button("Undo the drain").ClickAsync();
        await Expect(page.Locator(".banner")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.OK, (await probe.Http.GetAsync("/ready")).StatusCode);
        await using var welcome = await ConnectAsync(server);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stop_during_an_operators_drain_is_a_stop()
    {
        await using var server = await AccessTests.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ConnectAsync(server)));
        using var session = await AdminSession.SignInAsync(server);
        Assert.Equal(HttpStatusCode.OK, (await session.SendAsync(HttpMethod.Post, "/api/v1/drain", new { perSecond = 1, deadline = "01:00:00" })).StatusCode);
        await server.SignalAsync("TERM");
        foreach (var client in clients)
        {
            Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
            await client.DisposeAsync();
        }

        Assert.Equal(0, await server.WaitForExitAsync());
    }

    [Fact]
    public async Task A_paused_page_stands_still_until_it_goes_on()
    {
        await using var server = await AccessTests.StartAsync();
        await using var client = await ConnectAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/errors");
        await page.Button("Pause").ClickAsync();
        await Expect(page.Button("Go on")).ToBeVisibleAsync();
        await client.SendAsync(new Message.Custom("<script>alert(1)</script>", default));
        await client.ReadAsync();
        var live = await page.Context.NewPageAsync();
        await live.VisitAsync("/errors");
        await Expect(live.Locator("td[data-label=Text]")).ToHaveTextAsync("Unknown command: <script>alert(1)</script>");
        await Expect(page.Locator("td.empty")).ToBeVisibleAsync();
        await page.Button("Go on").ClickAsync();
        await Expect(page.Locator("td[data-label=Text]")).ToHaveCountAsync(1);
        await page.GetByLabel("Show").SelectOptionAsync("by kind");
        await Expect(page.Locator("td[data-label='How many']")).ToHaveTextAsync("1");
    }

    [Fact]
    public async Task A_chart_is_read_by_pointer_and_keyboard()
    {
        await using var server = await AccessTests.StartAsync();
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
        await page.Mouse.MoveAsync(box.X + box.Width - 11, box.Y + 40); // the newest point
        await Expect(page.Locator("figure output").Last).ToHaveTextAsync(new Regex("^[0-9:]{8}errors 0")); // all charts show the same moment
        await page.Button("24 h").ClickAsync();
        await Expect(page.GetByText("The last 24 hours, by ten seconds")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Columns_sort_by_keyboard()
    {
        await using var server = await AccessTests.StartAsync();
        await using var first = await ConnectAsync(server);
        await using var second = await ConnectAsync(server);
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
        await using var server = await AccessTests.StartAsync();
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
        var server = await AccessTests.StartAsync(kept);
        var http = $"--NetworkProtocol:Http:Listen=127.0.0.1:{server.Http.Port}";
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        await server.DisposeAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await using var again = await AccessTests.StartAsync(kept, http);
        await using var client = await ConnectAsync(again);
        await Expect(page.Locator("td[data-label=Id]")).ToHaveTextAsync("1", new() { Timeout = 60_000 });
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_page_whose_connection_was_cut_goes_on_where_it_was()
    {
        await using var server = await AccessTests.StartAsync();
        await using var relay = await Relay.StartAsync(new(IPAddress.Loopback, server.Http.Port));
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync($"http://127.0.0.1:{relay.Port}{server.SignInLink}");
        await page.Button("Sign in").ClickAsync();
        await page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Button("Pause").ClickAsync(); // a state that only the lost circuit has
        relay.Cut();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(page.Button("Go on")).ToBeVisibleAsync();
        await page.Button("Go on").ClickAsync();
        await Expect(page.Button("Pause")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    [InlineData(390, false)]
    public async Task No_page_has_a_serious_finding_of_axe_or_is_wider_than_its_window(int width, bool dark)
    {
        await using var server = await AccessTests.StartAsync(Upstream);
        await using var client = await ConnectAsync(server);
        await client.SendAsync(new Message.Custom("ORDER", default), new Message.Custom("NOBODY", default));
        await client.ReadAsync();
        var page = await Browser.OpenAsOperatorAsync(server, width);
        await page.Context.AddCookiesAsync([new() { Name = "theme", Value = dark ? "dark" : "light", Url = server.Http.ToString() }]);
        var errors = new List<string>();
        page.Console += (_, message) => errors.AddRange(message.Type == "error" ? [message.Text] : []);
        foreach (var path in (string[])[.. Pages, "/connections/1"])
        {
            await page.VisitAsync(path);
            Assert.Empty(await page.FindSeriousAsync());
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), path);
        }

        Assert.DoesNotContain(errors, error => !error.Contains("404", StringComparison.Ordinal));
    }

    private static async Task SignInAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.Button("Sign in").ClickAsync();
    }

    private static async Task<WireClient> ConnectAsync(ServerProcess server)
    {
        var client = await WireClient.ConnectSecureAsync(server.Protocol);
        await client.SendAsync(new Message.Ping());
        Assert.Equal(new Message.Pong(), await client.ReadAsync());
        return client;
    }

    [GeneratedRegex("/sign-in")]
    private static partial Regex SignInUrl();

    [GeneratedRegex("Disconnect|Ban|Lift|Isolate|Reset|Reload|Drain|Revoke|New token")]
    private static partial Regex Change();
}
