using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Console;

/// <summary>The effect of a stop on users of the console.</summary>
[Collection(SharedBrowser.Name)]
public sealed class StopTests(ConsoleBrowser browser) : BrowserTests(browser)
{
    /// <summary>Far below the time of a drain, which a stop took in an earlier version, but enough for a busy machine.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_stop_waits_for_no_page_and_no_HTTP_client_and_logs_no_error()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        foreach (var path in (string[])["/", "/connections", "/errors"])
        {
            await (await Browser.OpenAsync(server, session)).VisitAsync(path);
        }

        using var idle = await ConnectAsync(server, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
        await idle.GetStream().ReadExactlyAsync(new byte[12]);
        using var half = await ConnectAsync(
            server,
            "POST /sign-in HTTP/1.1\r\nHost: x\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=");
        using var header = await ConnectAsync(server, "GET /api/v1/status HT");
        var stream = await session.Http.GetAsync("/api/v1/series?range=24h", HttpCompletionOption.ResponseHeadersRead);

        var watch = Stopwatch.StartNew();
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, Soon);
        Assert.True(
            !server.Output.Contains("ERR", StringComparison.Ordinal)
                && !server.Output.Contains("xception", StringComparison.Ordinal), server.Output);
        stream.Dispose();
    }

    private static async Task<TcpClient> ConnectAsync(ServerProcess server, string text)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Http.Host, server.Http.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        return client;
    }
}
