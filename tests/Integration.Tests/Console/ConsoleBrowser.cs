using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Integration.Tests.Console;

/// <summary>One Chromium for all tests of the console; each test has windows of its own.</summary>
public sealed class ConsoleBrowser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(20_000); // a busy machine gets more time, which a good page does not need
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        await _browser!.DisposeAsync();
        _playwright!.Dispose();
    }

    /// <summary>
    /// Closes all windows. A page whose server is gone reconnects to the old port, which may soon belong to another test.
    /// </summary>
    internal Task CloseWindowsAsync() => Task.WhenAll(_browser!.Contexts.ToArray().Select(context => context.CloseAsync()));

    /// <summary>Opens a window without a sign-in.</summary>
    internal async Task<IPage> OpenAsync(ServerProcess server, int width = 1280)
    {
        var context = await _browser!.NewContextAsync(
            new() { BaseURL = server.Http.ToString(), ViewportSize = new() { Width = width, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }

    /// <summary>Opens a window with an existing sign-in.</summary>
    internal async Task<IPage> OpenAsync(ServerProcess server, AdminSession session)
    {
        var page = await OpenAsync(server);
        await page.Context.AddCookiesAsync(
            session.Cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = server.Http.ToString() }));
        return page;
    }

    /// <summary>Opens a window for an operator who signed in with the printed link.</summary>
    internal async Task<IPage> OpenAsOperatorAsync(ServerProcess server, int width = 1280)
    {
        var page = await OpenAsync(server, width);
        await page.GotoAsync(server.SignInLink);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        await page.BecomesLiveAsync(); // a link that is followed before leads back here when the page becomes interactive
        return page;
    }
}

/// <summary>Tests that use the browser. Each test closes all its windows.</summary>
public abstract class BrowserTests(ConsoleBrowser browser) : IAsyncLifetime
{
    private protected ConsoleBrowser Browser => browser;

    /// <summary>All pages that need no id.</summary>
    private protected static IReadOnlyList<string> Pages { get; } =
    [
        "/", "/connections", "/closed", "/bans", "/breakers", "/errors", "/errors?group=kinds",
        "/healthchecks-ui", "/certificates", "/configuration", "/tokens", "/audit",
        "/hub/sources", "/hub/data", "/hub/losses", "/hub/dead-letters", "/edge/buffer", // of a node that is neither hub nor edge
        "/not-found",
    ];

    /// <summary>Settings for a breaker whose server does not exist.</summary>
    private protected static string[] Upstream { get; } =
    [
        "--NetworkProtocol:Upstreams:orders:Addresses:0=127.0.0.1:1",
        "--NetworkProtocol:Upstreams:orders:Commands:0=ORDER",
        "--NetworkProtocol:Upstreams:orders:Transport=SecureHandshake",
    ];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => browser.CloseWindowsAsync();
}

/// <summary>The tests that share the browser, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SharedBrowser : ICollectionFixture<ConsoleBrowser>
{
    public const string Name = "Console";
}

internal static class PageExtensions
{
    /// <summary>Goes to a page of the console and waits until it is interactive. Before that, a click has no effect.</summary>
    public static async Task VisitAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.BecomesLiveAsync();
    }

    /// <summary>Waits until the page is interactive.</summary>
    public static Task BecomesLiveAsync(this IPage page) =>
        page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private const string TransitionsEnd = """
        async () => {
            const finite = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity);
            await Promise.allSettled(finite.map(one => one.finished));
        }
        """;

    // The test runs axe itself, because axe's package for Playwright opens another page for each result, which takes as long as all rules.
    private const string Run = """
        async rules => (await axe.run({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) })).violations
            .filter(violation => ['serious', 'critical'].includes(violation.impact))
            .map(violation => `${location.pathname}: ${violation.id}: ${violation.nodes[0].html}`)
        """;

    /// <summary>The problems that axe rates serious or worse.</summary>
    public static async Task<string[]> FindSeriousAsync(this IPage page, bool coloursAlone = false)
    {
        await page.EvaluateAsync(Axe);
        await page.EvaluateAsync(TransitionsEnd); // during a transition, a colour has an unintended contrast
        return await page.EvaluateAsync<string[]>(Run, coloursAlone ? "color-contrast" : null);
    }
}
