using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Integration.Tests.Console;

/// <summary>Signing in and out without a browser: guessed passwords, replayed forms, and the cookies of several sign-ins.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Wrong_passwords_are_limited_and_written_down_and_the_right_one_signs_in()
    {
        await using var server = await ConsoleServer.StartAsync($"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        // With a password there is no sign-in link.
        Assert.Equal("/", new Uri(server.Http, server.Output.Split("Console   ")[1].Split('\n')[0]).PathAndQuery);
        using var guesser = new AdminSession(server);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("nobody", ConsoleServer.Password)).StatusCode);
        using var user = new AdminSession(server);
        Assert.Equal("/", (await user.SignInAsync("admin", ConsoleServer.Password)).Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await user.Http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        // The sixth attempt in this minute; a right password does not help.
        var refused = await guesser.SignInAsync("admin", ConsoleServer.Password);
        Assert.Equal(
            (HttpStatusCode.TooManyRequests, "application/problem+json"),
            (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Contains("Too many attempts from your address", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        guesser.Http.DefaultRequestHeaders.Accept.Add(new("text/html"));
        using var page = await guesser.SignInAsync("admin", ConsoleServer.Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var audit = await user.Http.GetStringAsync("/api/v1/audit");
        Assert.Contains("Name or password is wrong.", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(ConsoleServer.Password, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replayed_form_does_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = new AdminSession(server);
        var link = await session.ReadFormAsync(server.SignInLink);
        Assert.Equal(HttpStatusCode.Redirect, (await session.PostAsync("/sign-in/link", link)).StatusCode);
        using var other = new AdminSession(server);
        var replayed = await other.ReadFormAsync(server.SignInLink);
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.PostAsync("/sign-in/link", replayed)).StatusCode); // the link works once
        // The form is valid only in the browser that loaded it.
        Assert.Equal(HttpStatusCode.BadRequest, (await other.PostAsync("/sign-in/link", link)).StatusCode);

        var cookie = session.SessionCookie;
        var token = await session.Http.GetFromJsonAsync<JsonElement>("/api/v1/antiforgery");
        var signOut = new Dictionary<string, string> { ["__RequestVerificationToken"] = token.GetProperty("token").GetString()! };
        Assert.Equal(HttpStatusCode.Redirect, (await session.PostAsync("/sign-out", signOut)).StatusCode);
        using var stolen = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = server.Http,
        };
        using var withCookie = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status")
        {
            Headers = { { "Cookie", $"{cookie.Name}={cookie.Value}" } },
        };
        // Signing out ends the cookie everywhere.
        Assert.Equal(HttpStatusCode.Unauthorized, (await stolen.SendAsync(withCookie)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await session.PostAsync("/sign-out", signOut)).StatusCode);
    }

    [Fact]
    public async Task A_signed_in_user_stays_the_same_until_they_sign_out()
    {
        await using var server = await ConsoleServer.StartAsync(
            $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}", $"--NetworkProtocol:Admin:Users:vera:Password={ConsoleServer.Hash}");
        using var user = new AdminSession(server);
        await user.SignInAsync("vera", ConsoleServer.Password);
        var token = await user.Http.GetFromJsonAsync<JsonElement>("/api/v1/antiforgery");
        using var second = await user.PostAsync("/sign-in", new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token.GetProperty("token").GetString()!,
            ["name"] = "admin",
            ["password"] = ConsoleServer.Password,
        });
        Assert.Equal(HttpStatusCode.Redirect, second.StatusCode);
        Assert.Contains("vera", await user.Http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await user.SendAsync(HttpMethod.Post, "/api/v1/drain", new { perSecond = 1, deadline = "00:01:00" })).StatusCode);
    }

    [Fact]
    public async Task Two_consoles_at_one_host_name_do_not_sign_each_other_out()
    {
        await using var one = await ConsoleServer.StartAsync();
        await using var two = await ConsoleServer.StartAsync();
        var jar = new CookieContainer(); // as in a browser, cookies do not depend on the port
        using var first = await AdminSession.SignInAsync(one, jar);
        using var second = await AdminSession.SignInAsync(two, jar);
        Assert.Equal(HttpStatusCode.OK, (await first.Http.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await second.Http.GetAsync("/api/v1/status")).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await first.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" })).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await second.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" })).StatusCode);
    }

    [Fact]
    public async Task Signing_in_leads_to_no_other_site()
    {
        await using var server = await ConsoleServer.StartAsync($"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}");
        foreach (var returnUrl in (string[])["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
        {
            using var user = new AdminSession(server);
            var form = await user.ReadFormAsync($"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}");
            (form["name"], form["password"], form["returnUrl"]) = ("admin", ConsoleServer.Password, returnUrl);
            Assert.Equal((returnUrl, "/"), (returnUrl, (await user.PostAsync("/sign-in", form)).Headers.Location!.ToString()));
        }
    }
}
