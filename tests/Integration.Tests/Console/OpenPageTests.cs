using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Components.Hosting;
using NetworkProtocol.Web.Data;

namespace Integration.Tests.Console;

/// <summary>
/// The sockets of the console's pages. They end with the sign-in, also against the browser's will, and one user cannot take all of them.
/// </summary>
public sealed class OpenPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // less than the lifetime of a silent socket

    [Fact]
    public async Task A_page_ends_with_its_sign_in_though_its_browser_ignores_that_and_others_stay()
    {
        await using var server = await StartAsync();
        using var session = await SignInAsync(server, "admin");
        using var other = await SignInAsync(server, "vera");
        using var page = await OpenAsync(server, session);
        using var othersPage = await OpenAsync(server, other);
        var form = new Dictionary<string, string> { ["__RequestVerificationToken"] = await TokenAsync(session) };
        Assert.Equal(HttpStatusCode.Redirect, (await session.PostAsync("/sign-out", form)).StatusCode);
        await ReadToEndAsync(page);
        Assert.Equal(HttpStatusCode.Unauthorized, await RefusedAsync(server, session));
        Assert.Equal(WebSocketState.Open, othersPage.State);
    }

    [Fact]
    public async Task One_viewer_takes_ten_pages_and_all_viewers_leave_some_to_operators()
    {
        await using var server = await StartAsync();
        List<WebSocket> pages = [];
        foreach (var (viewer, its) in ((string, int)[])[("vera", OpenPages.PerUser), ("vito", OpenPages.PerUser), ("viola", 0)])
        {
            using var session = await SignInAsync(server, viewer);
            for (var i = 0; i < its; i++)
            {
                pages.Add(await OpenAsync(server, session));
            }

            Assert.Equal((viewer, HttpStatusCode.TooManyRequests), (viewer, await RefusedAsync(server, session)));
        }

        using var operators = await SignInAsync(server, "admin");
        pages.Add(await OpenAsync(server, operators));
        // Long polling is off, because its connections could not be counted.
        Assert.Equal(HttpStatusCode.BadRequest, (await operators.Http.GetAsync("/_blazor?id=x")).StatusCode);
        using var token = ConsoleServer.WithToken(server, await operators.CreateTokenAsync("robot", "operator"));
        token.DefaultRequestHeaders.Add("Upgrade", "websocket");
        token.DefaultRequestHeaders.Add("Connection", "Upgrade");
        token.DefaultRequestHeaders.Add("Sec-WebSocket-Version", "13");
        token.DefaultRequestHeaders.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        Assert.Equal(HttpStatusCode.Unauthorized, (await token.GetAsync("/_blazor")).StatusCode);
        pages[0].Dispose();
        using var vera = await SignInAsync(server, "vera");
        using var deadline = new CancellationTokenSource(Patience);
        WebSocket? next;
        do
        {
            deadline.Token.ThrowIfCancellationRequested();
            (next, _) = await TryOpenAsync(server, vera);
        }
        while (next is null); // until the server has noticed the end of one page

        pages.Add(next);
        pages.ForEach(page => page.Dispose());
    }

    [Theory]
    [InlineData("foo", "text/event-stream")]
    [InlineData("foo", "*/*")]
    [InlineData("websocket", "text/event-stream")] // without a key
    public async Task What_could_be_upgraded_and_is_no_socket_is_no_page(string upgrade, string accept)
    {
        await using var server = await StartAsync();
        using var session = await SignInAsync(server, "admin");
        var form = new Dictionary<string, string>();
        using var negotiated = await session.PostAsync("/_blazor/negotiate?negotiateVersion=1", form);
        using var answer = JsonDocument.Parse(await negotiated.Content.ReadAsStringAsync());
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"/_blazor?id={answer.RootElement.GetProperty("connectionToken").GetString()}");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", upgrade);
        request.Headers.Add("Accept", accept);
        using var refused = await session.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("The console's pages need a WebSocket connection.", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_page_ends_when_its_sign_in_expires()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        var options = Options.Create(new AdminOptions { DataPath = folder.Path });
        var passwords = new Passwords(options);
        using var data = new DataFolder(options);
        var sessions = new SignInStore(
            data, new EphemeralDataProtectionProvider(),
            new GrantStamps(options, passwords, new SignInLink(options, passwords, time)), time, NullLogger<SignInStore>.Instance);
        var user = sessions.CreatePrincipal("admin", Role.Operator, Grant.Link);
        await sessions.StoreAsync(new AuthenticationTicket(
            user, new AuthenticationProperties { IssuedUtc = time.GetUtcNow(), ExpiresUtc = time.GetUtcNow() + TimeSpan.FromSeconds(1) },
            CookieAuthenticationDefaults.AuthenticationScheme));
        using var pages = new OpenPages(sessions, time);
        await pages.StartAsync(CancellationToken.None);
        var connection = new Connection(user);
        var served = pages.ServeAsync(connection.Context, _ => connection.Aborted.Task);
        var told = new TaskCompletionSource();
        pages.SignInEnded += () => told.TrySetResult();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(told.Task.IsCompleted);
        await AdvanceUntilAsync(time, told.Task); // a browser that obeys closes the page now
        await AdvanceUntilAsync(time, served);
        await pages.StopAsync(CancellationToken.None);
    }

    /// <summary>The pages' timer starts on another thread, so a single step of the clock could come too early.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Task done)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!done.IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
    }

    private static Task<ServerProcess> StartAsync() => ConsoleServer.StartAsync(
    [
        $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}",
        .. ((string[])["vera", "vito", "viola"])
            .Select(viewer => $"--NetworkProtocol:Admin:Users:{viewer}:Password={ConsoleServer.Hash}"),
    ]);

    private static async Task<AdminSession> SignInAsync(ServerProcess server, string name)
    {
        var session = new AdminSession(server);
        Assert.Equal(HttpStatusCode.Redirect, (await session.SignInAsync(name, ConsoleServer.Password)).StatusCode);
        return session;
    }

    private static async Task<string> TokenAsync(AdminSession session) =>
        (await session.ReadFormAsync("/")).Single(field => field.Key == "__RequestVerificationToken").Value;

    private static async Task<WebSocket> OpenAsync(ServerProcess server, AdminSession session)
    {
        var (page, status) = await TryOpenAsync(server, session);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, status);
        return page!;
    }

    private static async Task<HttpStatusCode> RefusedAsync(ServerProcess server, AdminSession session) =>
        (await TryOpenAsync(server, session)).Status;

    /// <summary>Opens a socket that sends hello and nothing more.</summary>
    private static async Task<(WebSocket? Page, HttpStatusCode Status)> TryOpenAsync(ServerProcess server, AdminSession session)
    {
        var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        socket.Options.SetRequestHeader("Cookie", string.Join("; ", session.Cookies.Select(cookie => $"{cookie.Name}={cookie.Value}")));
        try
        {
            await socket.ConnectAsync(new UriBuilder(server.Http) { Scheme = "ws", Path = "/_blazor" }.Uri, CancellationToken.None);
            await socket.SendAsync(
                "{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            return (socket, socket.HttpStatusCode);
        }
        catch (WebSocketException)
        {
            using (socket)
            {
                return (null, socket.HttpStatusCode);
            }
        }
    }

    private static async Task ReadToEndAsync(WebSocket page)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var buffer = new byte[1000];
        try
        {
            while ((await page.ReceiveAsync(buffer, deadline.Token)).MessageType != WebSocketMessageType.Close)
            {
                // The answer to the hello, and pings.
            }
        }
        catch (WebSocketException)
        {
            // The server closed the connection.
        }
    }

    /// <summary>A browser's connection, as the server sees it.</summary>
    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public Connection(ClaimsPrincipal user)
        {
            Context = new DefaultHttpContext { User = user };
            Context.Features.Set<IHttpRequestLifetimeFeature>(this);
        }

        public DefaultHttpContext Context { get; }

        public TaskCompletionSource Aborted { get; } = new();

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborted.TrySetResult();
    }
}
