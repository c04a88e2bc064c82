using System.Net;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>The answers for paths without a page.</summary>
[Collection(SharedBrowser.Name)]
public sealed class NotFoundTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    [Fact]
    public async Task An_unknown_page_is_a_404_with_a_page_a_problem_at_the_api_and_the_sign_in_page_for_a_stranger()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        foreach (var path in (string[])
            ["/console/nonsense", "/connections/abc", "/connections/42", "/connections/node-1/abc", "/nonsense.html", "/not-found"])
        {
            var (status, type, text, _) = await GetAsync(session, path);
            Assert.Equal((path, HttpStatusCode.NotFound, "text/html"), (path, status, type));
            Assert.Contains("<h1>Page not found</h1>", text, StringComparison.Ordinal);
            Assert.Contains("href=\"/connections\"", text, StringComparison.Ordinal); // the navigation
        }

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), Kind(await GetAsync(session, "/api/v1/nonsense")));
        Assert.Equal((HttpStatusCode.NotFound, null), Kind(await GetAsync(session, "/console/nonsense", accept: "application/json")));
        var gone = await GetAsync(session, "/connections/node-1/999");
        Assert.Equal((HttpStatusCode.OK, "text/html"), Kind(gone));
        Assert.Contains("There is no connection node-1/999 among", gone.Text, StringComparison.Ordinal);
        var elsewhere = await GetAsync(session, "/connections/node-2/1");
        Assert.Contains("This is the node node-1, not node-2", elsewhere.Text, StringComparison.Ordinal);
        using var stranger = new AdminSession(server);
        var led = await GetAsync(stranger, "/console/nonsense");
        Assert.Equal((HttpStatusCode.Redirect, "/sign-in?returnUrl=%2Fconsole%2Fnonsense"), (led.Status, led.Location));
        Assert.Equal((await GetAsync(stranger, "/audit")).Text, led.Text); // the answer does not reveal which pages exist
    }

    [Fact]
    public async Task An_unknown_page_has_the_consoles_menu_and_stays_alive()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.VisitAsync("/console/nonsense");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Page not found" })).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("Page not found · NetworkProtocol");
        Assert.Empty(await page.FindSeriousAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit" })).ToBeVisibleAsync();
        await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
    }

    private static (HttpStatusCode, string?) Kind((HttpStatusCode Status, string? Type, string Text, string? Location) answer) =>
        (answer.Status, answer.Type);

    private static async Task<(HttpStatusCode Status, string? Type, string Text, string? Location)> GetAsync(
        AdminSession session, string path, string accept = "text/html")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new(accept) } } };
        using var answer = await session.Http.SendAsync(request);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType,
            await answer.Content.ReadAsStringAsync(), answer.Headers.Location?.OriginalString);
    }
}
