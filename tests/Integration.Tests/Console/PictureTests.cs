using System.Text.Json;
using System.Text.RegularExpressions;
using Integration.Tests.Edge;
using Integration.Tests.Hub;
using Microsoft.Playwright;
using NetworkProtocol.Messages;
using static Microsoft.Playwright.Assertions;

namespace Integration.Tests.Console;

/// <summary>
/// Takes the pictures of <c>docs/images</c> from a server under load. PICTURES names the folder. Without PICTURES, the load is small and
/// the pictures are discarded.
/// </summary>
[Collection(SharedBrowser.Name)]
public sealed class PictureTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    private const int SmallestPicture = 5_000; // in bytes; an empty page's picture is smaller

    private static readonly string? Folder = Environment.GetEnvironmentVariable("PICTURES");

    /// <summary>The time span of the charts in seconds, and the number of connections.</summary>
    private static readonly (int Seconds, int Connections) Load = Folder is null ? (2, 10) : (60, 200);

    [Fact]
    public async Task Every_page_of_the_documentation_can_be_pictured()
    {
        using var temporary = new TemporaryFolder();
        var folder = Folder is null ? temporary.Path : Path.GetFullPath(Folder);
        await using var server = await ConsoleServer.StartAsync(
            [
                .. Upstream, "--NetworkProtocol:Upstreams:orders:Addresses:1=127.0.0.1:2",
                "--NetworkProtocol:Server:HeartbeatInterval=00:00:01"]);
        var load = NetprotoProcess.RunAsync(
            [],
            "",
            "bench", $"127.0.0.1:{server.Protocol.Port}", "--plain",
            "--connections", Load.Connections.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "--depth", "1", "--duration", TimeSpan.FromSeconds(Load.Seconds).ToString());
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        for (var call = 0; call < 12; call++)
        {
            await client.SendAsync(new Message.Ping(), new Message.Custom(call % 3 == 0 ? "NOBODY" : "ORDER", default));
            await client.ReadAsync();
            await client.ReadAsync();
        }

        var page = await Browser.OpenAsync(server, 900);
        await page.SetViewportSizeAsync(900, 620);
        await page.GotoAsync(server.SignInLink);
        await TakeAsync("sign-in");
        await page.Button("Sign in").ClickAsync();
        await page.Locator("html[data-live]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.SetViewportSizeAsync(1280, 860);
        await WaitForChartsAsync(page);
        await VisitAndTakeAsync("/", "overview");
        await VisitAndTakeAsync("/connections", "connections");
        await VisitAndTakeAsync("/connections/node-1/2", "connection");
        await VisitAndTakeAsync("/breakers", "breakers");
        await VisitAndTakeAsync("/errors", "errors");
        await VisitAndTakeAsync("/healthchecks-ui", "health");
        await VisitAndTakeAsync("/console/nonsense", "not-found");
        await page.Button("Dark theme").ClickAsync();
        await page.Locator("html[data-theme=dark]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await VisitAndTakeAsync("/", "overview-dark");
        await VisitAndTakeAsync("/connections", "connections-dark");
        await page.Button("Light theme").ClickAsync();
        await page.Locator("html[data-theme=light]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.SetViewportSizeAsync(390, 844);
        await VisitAndTakeAsync("/", "phone");
        await load;

        async Task VisitAndTakeAsync(string path, string name)
        {
            await page.VisitAsync(path);
            if (path == "/")
            {
                await page.Locator("figure[data-drawn]").Last.WaitForAsync();
            }

            await TakeAsync(name);
        }

        async Task TakeAsync(string name)
        {
            var picture = await page.ScreenshotAsync(
                new() { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
            Assert.True(picture.Length > SmallestPicture, name);
        }
    }

    [Fact]
    public async Task Every_page_of_a_hub_can_be_pictured()
    {
        using var temporary = new TemporaryFolder();
        var folder = Folder is null ? temporary.Path : Path.GetFullPath(Folder);
        await using var server = await ServerProcess.StartAsync(HubFeed.Settings);
        await HubMonth.FillAsync(server);
        var page = await Browser.OpenAsOperatorAsync(server);
        await page.SetViewportSizeAsync(1280, 860);
        var id = await page.EvaluateAsync<int>(
            "async () => (await (await fetch('/api/v1/hub/series?topic=room1/temperature')).json()).items[0].id");
        var data = $"/hub/data?series={id}&span=30d";
        await VisitAndTakeAsync("/hub/sources", "sources");
        await VisitAndTakeAsync(data, "data");
        await page.Button("Dark theme").ClickAsync();
        await page.Locator("html[data-theme=dark]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await VisitAndTakeAsync(data, "data-dark");
        await page.Button("Light theme").ClickAsync();
        await page.Locator("html[data-theme=light]").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.SetViewportSizeAsync(390, 844);
        await VisitAndTakeAsync(data, "data-phone");

        async Task VisitAndTakeAsync(string path, string name)
        {
            await page.VisitAsync(path);
            await (path == data ? page.Locator("figure[data-drawn]") : page.Locator("td[data-label=Source]").First).WaitForAsync();
            var picture = await page.ScreenshotAsync(
                new() { Path = Path.Combine(folder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });
            Assert.True(picture.Length > SmallestPicture, name);
        }
    }

    /// <summary>Only for the documentation: <see cref="EdgePageTests"/> tests the page.</summary>
    [Fact]
    public async Task The_page_of_an_edge_can_be_pictured()
    {
        if (Folder is null)
        {
            return;
        }

        await using var nodes = new EdgeAndHub();
        await nodes.StartEdgeAsync("--NetworkProtocol:Edge:OfflineBufferSize=10000", "--NetworkProtocol:Edge:CatchUpRate=50");
        await nodes.StartHubAsync();
        var lines = string.Concat(Enumerable.Range(0, 10_500).Select(i => $"room{i % 9}/temperature {18 + (i % 70 / 10.0):0.0}\n"));
        Assert.Equal(0, (await NetprotoProcess.RunAsync([], lines, "publish", $"unix:{nodes.Socket}")).ExitCode);
        var page = await Browser.OpenAsOperatorAsync(nodes.Edge);
        await page.SetViewportSizeAsync(1280, 860);
        await page.VisitAsync("/edge/buffer");
        await Expect(page.Locator("[data-edge=empty]")).ToHaveTextAsync(
            new Regex("( min | s)"), new() { Timeout = 120_000 }); // a minute after the last message came in
        await page.ScreenshotAsync(
            new() { Path = Path.Combine(Path.GetFullPath(Folder), "buffer.png"), Animations = ScreenshotAnimations.Disabled });
    }

    private static async Task WaitForChartsAsync(IPage page)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        int points;
        do
        {
            deadline.Token.ThrowIfCancellationRequested();
            using var series = JsonDocument.Parse(await page.EvaluateAsync<string>("async () => (await fetch('/api/v1/series')).text()"));
            points = series.RootElement.GetProperty("connections").GetArrayLength();
        }
        while (points < Load.Seconds / 2);
    }
}
