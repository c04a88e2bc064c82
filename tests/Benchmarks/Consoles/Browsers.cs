using Microsoft.Playwright;

namespace Benchmarks.Consoles;

/// <summary>Windows of Chromium with an operator signed in.</summary>
internal sealed class Browsers : IAsyncDisposable
{
    /// <summary>The pages that operators keep open.</summary>
    private static readonly string[] Pages = ["/", "/connections?sort=messagesReceived&descending=true", "/", "/errors", "/closed"];

    private readonly IPlaywright _playwright;
    private readonly IBrowserContext _context;

    private Browsers(IPlaywright playwright, IBrowserContext context) => (_playwright, _context) = (playwright, context);

    public static async Task<Browsers> StartAsync(ProgramUnderLoad program)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new() { BaseURL = program.SignIn.GetLeftPart(UriPartial.Authority) });
        var page = await context.NewPageAsync();
        await page.GotoAsync(program.SignIn.PathAndQuery);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForSelectorAsync("html[data-live]");
        await page.CloseAsync();
        return new Browsers(playwright, context);
    }

    /// <summary>Opens consoles one after the other and returns the first contentful paint of each in milliseconds.</summary>
    public async Task<double[]> OpenAsync(int count)
    {
        var paints = new double[count];
        for (var i = 0; i < count; i++)
        {
            var page = await _context.NewPageAsync();
            await page.GotoAsync(Pages[i % Pages.Length]);
            await page.WaitForSelectorAsync("html[data-live]", new() { State = WaitForSelectorState.Attached });
            paints[i] = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
        }

        return paints;
    }

    public Task<IPage> NewPageAsync() => _context.NewPageAsync();

    public Task CloseAsync() => Task.WhenAll(_context.Pages.Select(page => page.CloseAsync()));

    public async ValueTask DisposeAsync()
    {
        await _context.Browser!.DisposeAsync();
        _playwright.Dispose();
    }
}
