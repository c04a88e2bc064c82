using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>Signing in and out in a real browser, and the viewer's pages.</summary>
[Collection(SharedBrowser.Name)]
public sealed partial class SignInTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    // Less than the interval at which the server looks for pages whose sign-in has ended.
    private const string SignOutAndAsk = """
        () => {
            const form = document.querySelector("form[action='/sign-out']");
            fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" })
                .then(() => document.querySelector("a[href='/audit']").click());
        }
        """;

    [Fact]
    public async Task The_printed_link_signs_in_once()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        await Expect(page.Locator(".user")).ToHaveTextAsync("admin (operator)");
        var other = await Browser.OpenAsync(server);
        await other.GotoAsync(server.SignInLink);
        await other.Button("Sign in").ClickAsync();
        await Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("already used");
        Assert.Empty(await other.FindSeriousAsync());
    }

    [Fact]
    public async Task A_password_signs_in_and_wrong_ones_are_limited()
    {
        await using var server = await ConsoleServer.StartAsync($"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/errors"); // the server remembers the page during the sign-in
        await SignInAsync(page, "admin", "wrong");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name or password is wrong.");
        Assert.Empty(await page.FindSeriousAsync());
        await SignInAsync(page, "admin", ConsoleServer.Password);
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
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        var tab = await page.Context.NewPageAsync();
        await tab.VisitAsync("/connections");
        await page.Button("Sign out").ClickAsync();
        await Expect(page).ToHaveURLAsync(SignInUrl());
        await Expect(tab).ToHaveURLAsync(SignInUrl());
    }

    [Fact]
    public async Task A_page_that_asks_for_another_one_after_signing_out_gets_nothing_of_it()
    {
        await using var server = await ConsoleServer.StartAsync();
        var page = await Browser.OpenAsOperatorAsync(server);
        var received = new ConcurrentQueue<string>();
        page.WebSocket += (_, socket) =>
            socket.FrameReceived += (_, frame) => received.Enqueue(Encoding.Latin1.GetString(frame.Binary ?? []));
        await page.VisitAsync("/errors");
        await page.GetByRole(AriaRole.Link, new() { Name = "Audit" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit" })).ToBeVisibleAsync();
        Assert.Contains(received, IsAudit);
        await page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Errors", Exact = true })).ToBeVisibleAsync();
        received.Clear();
        await page.EvaluateAsync(SignOutAndAsk);
        await Expect(page).ToHaveURLAsync(SignInUrl()); // the page and its socket have ended
        Assert.DoesNotContain(received, IsAudit);

        static bool IsAudit(string frame) => frame.Contains("all actions, newest first", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_has_nothing_to_change_anything_with()
    {
        await using var server = await ConsoleServer.StartAsync(
            [
                .. Upstream, $"--NetworkProtocol:Admin:Users:vera:Password={ConsoleServer.Hash}",
                "--NetworkProtocol:Admin:Users:vera:Role=Viewer"]);
        await using var client = await WireClient.ConnectSecureAsync(server.Protocol);
        var page = await Browser.OpenAsync(server);
        await page.GotoAsync("/sign-in");
        await SignInAsync(page, "vera", ConsoleServer.Password);
        await Expect(page.Locator(".user")).ToHaveTextAsync("vera (viewer)");
        foreach (var path in (string[])[.. Pages, "/connections/node-1/1"])
        {
            await page.VisitAsync(path);
            var buttons = await page.Locator("main button").AllInnerTextsAsync();
            Assert.DoesNotContain(buttons, text => Change().IsMatch(text));
        }
    }

    private static async Task SignInAsync(IPage page, string name, string password)
    {
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("Password").FillAsync(password);
        await page.Button("Sign in").ClickAsync();
    }

    [GeneratedRegex("/sign-in")]
    private static partial Regex SignInUrl();

    [GeneratedRegex("Disconnect|Ban|Lift|Isolate|Reset|Reload|Drain|Revoke|New token")]
    private static partial Regex Change();
}
