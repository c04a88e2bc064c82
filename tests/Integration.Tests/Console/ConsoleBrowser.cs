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
        Assertions.SetDefaultExpectTimeout(20_000); // a busy machine is given time; a good page does not take it
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        await _browser!.DisposeAsync();
        _playwright!.Dispose();
    }

    /// <summary>Closes all windows: a page whose server is gone asks for it at its old port, which soon is another test's.</summary>
    internal Task CloseWindowsAsync() => Task.WhenAll(_browser!.Contexts.ToArray().Select(context => context.CloseAsync()));

    /// <summary>A window that nobody is signed in at.</summary>
    internal async Task<IPage> OpenAsync(ServerProcess server, int width = 1280)
    {
        var context = await _browser!.NewContextAsync(new() { BaseURL = server.Http.ToString(), ViewportSize = new() { Width = width, Height = 900 } });
        context.SetDefaultTimeout(30_000);
        return await context.NewPageAsync();
    }

    /// <summary>A window of someone who is signed in already.</summary>
    internal async Task<IPage> OpenAsync(ServerProcess server, AdminSession session)
    {
        var page = await OpenAsync(server);
        await page.Context.AddCookiesAsync(session.Cookies.Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = server.Http.ToString() }));
        return page;
    }

    /// <summary>A window with an operator, signed in by the printed link.</summary>
    internal async Task<IPage> OpenAsOperatorAsync(ServerProcess server, int width = 1280)
    {
        var page = await OpenAsync(server, width);
        await page.GotoAsync(server.SignInLink);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Overview" }).WaitForAsync();
        return page;
    }
}

/// <summary>Tests that use the browser; each leaves it without a window.</summary>
public abstract class BrowserTests(ConsoleBrowser browser) : IAsyncLifetime
{
    private protected ConsoleBrowser Browser => browser;

    /// <summary>All pages that need no number.</summary>
    private protected static IReadOnlyList<string> Pages { get; } =
    [
        "/", "/connections", "/closed", "/bans", "/breakers", "/errors", "/errors?group=kinds", "/healthchecks-ui", "/certificates", "/configuration", "/tokens", "/audit",
        "/not-found",
    ];

    /// <summary>Settings for a breaker whose server is not there.</summary>
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
    /// <summary>Goes to a page of the console and waits until it is alive: until then a click would go nowhere.</summary>
    public static async Task VisitAsync(this IPage page, string path)
    {
        await page.GotoAsync(path);
        await page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private const string TransitionsEnd = """
        async () => {
            const finite = document.getAnimations().filter(one => one.effect.getComputedTiming().endTime !== Infinity);
            await Promise.allSettled(finite.map(one => one.finished));
        }
        """;

    // Axe is run by hand: its package for Playwright opens one more page for each result, which takes as long as all its rules.
    private const string Run = """
        async rules => (await axe.run({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) })).violations
            .filter(violation => ['serious', 'critical'].includes(violation.impact))
            .map(violation => `${location.pathname}: ${violation.id}: ${violation.nodes[0].html}`)
        """;

    /// <summary>What axe finds that is serious or worse.</summary>
    public static async Task<string[]> FindSeriousAsync(this IPage page, bool coloursAlone = false)
    {
        await page.EvaluateAsync(Axe);
        await page.EvaluateAsync(TransitionsEnd); // a colour on its way to another one has a contrast that nobody chose
        return await page.EvaluateAsync<string[]>(Run, coloursAlone ? "color-contrast" : null);
    }
}
