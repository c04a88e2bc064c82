using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using NetworkProtocol.Messages;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>An operator's actions in the console, as the affected real clients see them.</summary>
[Collection(SharedBrowser.Name)]
public sealed class ActingTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    [Fact]
    public async Task A_disconnected_client_is_seen_in_closed_and_audit()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections");
        await Expect(page.Locator("td[data-label=Id] a")).ToHaveAttributeAsync("title", "node-1/1");
        await page.Locator("td[data-label=Id] a").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Connection node-1/1" })).ToBeVisibleAsync();
        await Expect(page.Locator("dd").Filter(new() { HasTextRegex = new Regex("^127\\.0\\.0\\.1:") }).First).ToBeVisibleAsync();
        await page.Button("Disconnect").ClickAsync();
        Assert.True(await client.ReadAsync() is Message.Disconnect or null);
        await client.DisposeAsync();
        await page.VisitAsync("/closed");
        await Expect(page.Locator("td[data-label=Reason]").First).ToHaveTextAsync("kicked");
        await page.VisitAsync("/audit");
        await Expect(page.Locator("tr").Filter(new() { HasText = "connection node-1/1" })).ToContainTextAsync("disconnect");
    }

    [Fact]
    public async Task All_that_match_a_filter_are_disconnected_after_a_count()
    {
        await using var server = await ConsoleServer.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServedClient.ConnectAsync(server.Protocol)));
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
    public async Task A_page_with_a_wrong_filter_stays_live_and_its_question_keeps_to_what_it_has_counted()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var first = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        var problem = page.Locator("p.problem").Filter(new() { HasText = "address = 10.0.0.0/99: must be" });
        await page.VisitAsync("/connections?address=10.0.0.0/99");
        await Expect(problem).ToBeVisibleAsync();
        await Expect(page.Button("Disconnect these 0…")).ToBeDisabledAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Connections" }).ClickAsync();
        await page.Button("Disconnect these 1…").ClickAsync();
        await Expect(page.Button("Disconnect 1")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(problem).ToBeVisibleAsync();
        await page.Button("Disconnect 1").ClickAsync(); // what the question has counted, although the page's filter is wrong by now
        await Expect(page.GetByText("Ending 1 connection, 100 a second.")).ToBeVisibleAsync();
        await first.ReadToEndAsync();

        await page.GetByLabel("Address").FillAsync("127.0.0.0/8");
        await page.GetByLabel("Address").BlurAsync();
        await Expect(page.Locator(".total")).ToHaveTextAsync("0");
        await using var second = await ServedClient.ConnectAsync(server.Protocol);
        await Expect(page.Locator(".total")).ToHaveTextAsync("1");
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_ban_ends_a_client_and_keeps_it_out_until_it_is_lifted()
    {
        await using var server = await ConsoleServer.StartAsync();
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/connections/node-1/1");
        await page.Button("Ban…").ClickAsync();
        await page.GetByLabel("Reason, for other operators").FillAsync("<b>loud</b>");
        await page.Button("Ban").ClickAsync();
        await client.ReadToEndAsync();
        await using (var refused = await WireClient.ConnectAsync(server.Protocol))
        {
            Assert.Null(await refused.ReadPayloadAsync());
        }

        await page.VisitAsync("/bans");
        await Expect(page.Locator("td[data-label=Target]")).ToHaveTextAsync("127.0.0.1");
        await Expect(page.Locator("td[data-label=Reason]")).ToHaveTextAsync("<b>loud</b>"); // shown as text, not as HTML
        await page.Button("Lift the ban of 127.0.0.1").ClickAsync();
        await Expect(page.Locator("td.empty")).ToBeVisibleAsync();
        await using var welcome = await ServedClient.ConnectAsync(server.Protocol);
        await page.VisitAsync("/closed?reason=banned");
        await Expect(page.Locator(".total")).ToHaveTextAsync("2");
        await page.VisitAsync("/audit");
        await Expect(page.Locator("td[data-label=Action]").First).ToHaveTextAsync("unban");
    }

    [Fact]
    public async Task A_breaker_is_isolated_and_reset()
    {
        await using var server = await ConsoleServer.StartAsync(Upstream);
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        await client.SendAsync(new Message.Custom("ORDER", default));
        Assert.Equal(Message.Custom.ErrorCommand, Assert.IsType<Message.Custom>(await client.ReadAsync()).Command);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/breakers");
        var breaker = page.Locator("[data-breaker='orders:127.0.0.1:1']");
        await breaker.GetByRole(AriaRole.Button, new() { Name = "Isolate…" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Isolate" }).ClickAsync();
        await Expect(breaker.Locator(".breaker-state")).ToHaveTextAsync("isolated");
        using var session = new AdminSession(server);
        Assert.Contains(
            "breaker_state{name=\"orders:127.0.0.1:1\"} 3", await session.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        await breaker.GetByRole(AriaRole.Button, new() { Name = "Reset" }).ClickAsync();
        await Expect(breaker.Locator(".breaker-state")).Not.ToHaveTextAsync("isolated");
        await breaker.Locator("summary").ClickAsync();
        await Expect(breaker.Locator("td[data-label=Why]").Filter(new() { HasText = "reset by hand" })).ToBeVisibleAsync();
        await page.VisitAsync("/healthchecks-ui");
        await Expect(page.Locator("section.card h2").First).ToHaveTextAsync("client orders"); // the worst breaker comes first
    }

    [Fact]
    public async Task A_drain_shows_its_progress_and_is_undone()
    {
        await using var server = await ConsoleServer.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServedClient.ConnectAsync(server.Protocol)));
        var page = await Browser.OpenAsOperatorAsync(server);
        using var probe = new AdminSession(server);
        await page.VisitAsync("/");
        await page.Button("Drain…").ClickAsync();
        await page.GetByLabel("Connections a second").FillAsync("1");
        await page.GetByLabel("Deadline in seconds, then the remaining connections are ended").FillAsync("600");
        await page.Button("Drain").ClickAsync();
        await Expect(page.Locator(".banner")).ToContainTextAsync("Draining");
        await Expect(page.Locator(".server-state")).ToHaveTextAsync("draining");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await probe.Http.GetAsync("/ready")).StatusCode);
        await page.Button("Undo the drain").ClickAsync();
        await Expect(page.Locator(".banner")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.OK, (await probe.Http.GetAsync("/ready")).StatusCode);
        await using var welcome = await ServedClient.ConnectAsync(server.Protocol);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stop_during_an_operators_drain_is_a_stop()
    {
        await using var server = await ConsoleServer.StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServedClient.ConnectAsync(server.Protocol)));
        using var session = await AdminSession.SignInAsync(server);
        Assert.Equal(
            HttpStatusCode.OK,
            (await session.SendAsync(HttpMethod.Post, "/api/v1/drain", new { perSecond = 1, deadline = "01:00:00" })).StatusCode);
        await server.SignalAsync("TERM");
        foreach (var client in clients)
        {
            Assert.Equal(new Message.Disconnect(), await client.ReadAsync());
            await client.DisposeAsync();
        }

        Assert.Equal(0, await server.WaitForExitAsync());
    }
}
