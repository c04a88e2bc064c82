using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The console's messages and questions to an operator, in a real browser.</summary>
[Collection(SharedBrowser.Name)]
public sealed class PlainConsoleTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    // Finds the controls that the keyboard reaches and that have no outline when they have the focus.
    private const string WithoutOutline = """
        () => [...document.querySelectorAll('a[href], button:not([disabled]), input, select')]
          .filter(element => element.offsetParent !== null).filter(element => {
            element.focus({ focusVisible: true });
            const style = getComputedStyle(element);
            return element.matches(':focus-visible') && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2);
        }).map(element => element.outerHTML.slice(0, 120))
        """;

    [Fact]
    public async Task The_focus_is_seen_on_every_control_light_and_dark()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        foreach (var theme in (string[])["Dark theme", "Light theme"])
        {
            await page.VisitAsync("/connections");
            await page.Keyboard.PressAsync("Tab");
            Assert.Empty(await page.EvaluateAsync<string[]>(WithoutOutline));
            await page.Button(theme).ClickAsync();
            await Expect(page.Locator($"html[data-theme={theme.Split(' ')[0].ToLowerInvariant()}]")).ToHaveCountAsync(1);
        }
    }

    [Fact]
    public async Task Who_isolates_bans_or_makes_a_token_is_asked_and_told_plainly()
    {
        await using var server = await ConsoleServer.StartAsync(Upstream);
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/breakers");
        await page.Button("Isolate…").ClickAsync();
        await page.Button("Cancel").ClickAsync();
        await Expect(page.Locator(".breaker-state")).ToHaveTextAsync("closed");

        await page.VisitAsync("/bans");
        await page.Button("Ban…").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Expect(page.Locator(".mud-input-error")).ToHaveCountAsync(0);
        await page.GetByLabel("Address, network, client's name or SHA-256 of a certificate").FillAsync("127.0.0.0/8");
        await Expect(page.Locator("[data-hits]")).ToHaveTextAsync("1 open connection ends now.");

        await page.VisitAsync("/tokens");
        await page.Button("New token…").ClickAsync();
        await page.GetByLabel("Name").FillAsync("robot");
        await page.Button("Create").ClickAsync();
        await Expect(page.GetByText("works for 90 days")).ToBeVisibleAsync();
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Button("Copy").ClickAsync();
        await Expect(page.Button("Copied")).ToBeVisibleAsync();
        Assert.Equal(
            await page.Locator("[data-secret]").InnerTextAsync(), await page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task A_wrong_filter_is_said_at_its_box()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        foreach (var (path, label) in ((string, string)[])[
            ("/connections?address=10.0.0.0/99", "Address"),
            ("/closed?minAge=soon", "At least this old"), ("/errors?kind=nonsense", "Kind")])
        {
            await page.VisitAsync(path);
            await Expect(page.Locator("label").Filter(new() { HasText = label }).Locator(".field-problem")).ToContainTextAsync("must be");
            await Expect(page.GetByText("No connections match")).ToHaveCountAsync(0);
        }
    }

    [Fact]
    public async Task A_drain_is_dated_by_its_own_beginning()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/");
        await Expect(page.Locator("[data-since]")).ToContainTextAsync("program started");
        await page.Button("Drain…").ClickAsync();
        await page.Button("Drain").ClickAsync();
        await Expect(page.Locator("[data-since]")).ToHaveTextAsync(new Regex("^since "));
    }

    [Fact]
    public async Task Breakers_keep_their_order_while_their_states_change()
    {
        await using var server = await ConsoleServer.StartAsync(
            [
                .. Upstream, "--NetworkProtocol:Upstreams:orders:Addresses:1=127.0.0.1:2",
                "--NetworkProtocol:Upstreams:orders:Addresses:2=127.0.0.1:3"]);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/breakers");
        var names = page.Locator("[data-breaker] h2");
        string[] order = ["orders:127.0.0.1:1", "orders:127.0.0.1:2", "orders:127.0.0.1:3"];
        foreach (var name in order.Reverse())
        {
            var breaker = page.Locator($"[data-breaker='{name}']");
            await breaker.GetByRole(AriaRole.Button, new() { Name = "Isolate…" }).ClickAsync();
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Isolate" }).ClickAsync();
            await Expect(breaker.Locator(".breaker-state")).ToHaveTextAsync("isolated");
            await Expect(names).ToHaveTextAsync(order);
        }
    }

    [Fact]
    public async Task The_header_of_every_page_shows_a_check_that_is_not_healthy()
    {
        await using var server = await ConsoleServer.StartAsync(Upstream);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/audit");
        await Expect(page.Locator(".server-state")).ToHaveTextAsync("ready");
        using var session = await SessionOfAsync(server, page);
        using var isolated = await session.SendAsync(HttpMethod.Post, "/api/v1/breakers/orders:127.0.0.1:1/isolate");
        Assert.Equal(System.Net.HttpStatusCode.OK, isolated.StatusCode);
        await Expect(page.Locator(".server-health")).ToHaveTextAsync(new Regex("^client orders (degraded|unhealthy)$"));
        await page.Locator(".server-health").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "client orders" })).ToBeVisibleAsync();
    }

    /// <summary>The page's user, without a browser.</summary>
    private static async Task<AdminSession> SessionOfAsync(ServerProcess server, IPage page)
    {
        var cookies = new System.Net.CookieContainer();
        foreach (var cookie in await page.Context.CookiesAsync())
        {
            cookies.Add(new System.Net.Cookie(cookie.Name, cookie.Value, "/", server.Http.Host));
        }

        return new AdminSession(server, cookies);
    }
}
