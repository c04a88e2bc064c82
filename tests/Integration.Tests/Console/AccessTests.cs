using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Integration.Tests.Console;

/// <summary>
/// Requests that must get nothing: from a stranger, a hostile page, a stolen viewer's token or a guessed number.
/// </summary>
public sealed class AccessTests
{
    /// <summary>All requests that change something.</summary>
    private static readonly (HttpMethod Method, string Path, object? Body)[] Changes =
    [
        (HttpMethod.Delete, "/api/v1/connections/node-1/1", null),
        (HttpMethod.Post, "/api/v1/connections/disconnect", new { filter = new { }, expected = 1000, perSecond = 100, all = true }),
        (HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.1", reason = "a test" }),
        (HttpMethod.Delete, "/api/v1/bans/x", null),
        (HttpMethod.Post, "/api/v1/breakers/x/isolate", null),
        (HttpMethod.Post, "/api/v1/breakers/x/reset", null),
        (HttpMethod.Post, "/api/v1/certificates/reload", null),
        (HttpMethod.Post, "/api/v1/drain", new { perSecond = 1, deadline = "00:01:00" }),
        (HttpMethod.Delete, "/api/v1/drain", null),
        (HttpMethod.Post, "/api/v1/tokens", new { name = "mine", role = "operator", lifetime = "01:00:00" }),
        (HttpMethod.Delete, "/api/v1/tokens/thief", null),
        (HttpMethod.Post, "/api/v1/edge/flush", null),
        (HttpMethod.Post, "/api/v1/edge/pause", null),
        (HttpMethod.Post, "/api/v1/edge/resume", null),
        (HttpMethod.Post, "/api/v1/edge/discard", new { messages = 1 }),
    ];

    private static readonly string[] Paths =
    [
        "/", "/connections", "/connections/node-1/1", "/closed", "/bans", "/breakers", "/errors", "/healthchecks-ui", "/certificates",
        "/configuration",
        "/hub/sources", "/hub/data", "/hub/losses", "/hub/dead-letters", "/edge/buffer",
        "/tokens", "/audit", "/health/details", "/openapi/v1.json", "/no-such-page", "/_blazor", "/api/v1/status", "/api/v1/connections",
        "/api/v1/connections/node-1/1", "/api/v1/connections/1", "/api/v1/closed", "/api/v1/errors", "/api/v1/breakers", "/api/v1/bans",
        "/api/v1/certificates", "/api/v1/configuration",
        "/api/v1/audit", "/api/v1/tokens", "/api/v1/drain", "/api/v1/series", "/api/v1/health", "/api/v1/antiforgery",
        "/api/v1/hub/sources", "/api/v1/hub/series", "/api/v1/hub/series/1", "/api/v1/hub/readings", "/api/v1/hub/rollups?series=1",
        "/api/v1/hub/totals", "/api/v1/hub/losses", "/api/v1/hub/dead-letters", "/api/v1/edge",
    ];

    [Fact]
    public async Task A_stranger_sees_the_probes_and_nothing_else()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var stranger = new AdminSession(server);
        foreach (var path in (string[])["/health", "/ready", "/in-service", "/metrics", "/sign-in", "/console.css"])
        {
            Assert.Equal(HttpStatusCode.OK, (await stranger.Http.GetAsync(path)).StatusCode);
        }

        foreach (var path in Paths)
        {
            Assert.Equal((path, HttpStatusCode.Unauthorized), (path, (await stranger.Http.GetAsync(path)).StatusCode));
            using var asPerson = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new("text/html") } } };
            using var answer = await stranger.Http.SendAsync(asPerson);
            var isForPrograms = path.StartsWith("/api/", StringComparison.Ordinal)
                || path.StartsWith("/openapi/", StringComparison.Ordinal);
            Assert.Equal(
                (path, isForPrograms ? (HttpStatusCode.Unauthorized, null) : (HttpStatusCode.Redirect, "/sign-in")),
                (path, (answer.StatusCode, answer.Headers.Location?.OriginalString.Split('?')[0])));
        }

        foreach (var (method, path, body) in Changes)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(stranger.Http, method, path, body)).StatusCode);
        }
    }

    [Fact]
    public async Task Strangers_write_nothing_into_the_log()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var stranger = new AdminSession(server);
        await stranger.Http.GetAsync("/sign-in?failed=xyz");
        await stranger.PostAsync("/sign-in", []);
        await stranger.Http.PostAsJsonAsync("/sign-in", new { name = "x" });
        var cookies = stranger.Cookies.Select(
            cookie => $"{cookie.Name}=garbage; {cookie.Name.Replace("-form", "", StringComparison.Ordinal)}=garbage");
        using var garbage = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { { "Cookie", string.Join("; ", cookies) } } };
        await stranger.Http.SendAsync(garbage);
        await server.SignalAsync("TERM");
        await server.WaitForExitAsync();
        Assert.DoesNotMatch("(ERR|WRN)(?! Check protocol)", server.Output); // the protocol check may run while the server starts or stops
    }

    [Fact]
    public async Task A_hostile_page_changes_nothing_with_an_operators_cookie()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var victim = await AdminSession.SignInAsync(server);
        foreach (var (method, path, body) in Changes)
        {
            // There is no form token.
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(victim.Http, method, path, body)).StatusCode);
            Assert.Equal(
                HttpStatusCode.Forbidden, (await SendAsync(victim.Http, method, path, body, ("Sec-Fetch-Site", "cross-site"))).StatusCode);
            // Another port of this host.
            Assert.Equal(
                HttpStatusCode.Forbidden, (await SendAsync(victim.Http, method, path, body, ("Sec-Fetch-Site", "same-site"))).StatusCode);
            Assert.Equal(
                HttpStatusCode.Forbidden, (await SendAsync(victim.Http, method, path, body, ("Origin", "http://evil.example"))).StatusCode);
        }

        foreach (var origin in (string[])["http://evil.example", "null", "http://127.0.0.1:1"])
        {
            Assert.Equal(
                HttpStatusCode.Forbidden, (await SendAsync(victim.Http, HttpMethod.Get, "/_blazor", null, ("Origin", origin))).StatusCode);
            Assert.Equal(
                HttpStatusCode.Forbidden,
                (await SendAsync(victim.Http, HttpMethod.Post, "/_blazor/negotiate", null, ("Origin", origin))).StatusCode);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await victim.PostAsync("/sign-out", [])).StatusCode);
        using var attacker = new AdminSession(server);
        var foreign = await attacker.ReadFormAsync("/sign-in"); // a form token, but of another session
        Assert.Equal(HttpStatusCode.BadRequest, (await victim.PostAsync("/sign-out", foreign)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await victim.Http.GetAsync("/api/v1/status")).StatusCode);
        Assert.Empty(await victim.Http.GetFromJsonAsync<JsonElement[]>("/api/v1/bans") ?? []);
    }

    [Fact]
    public async Task A_stolen_viewers_token_reads_and_changes_nothing_and_each_try_is_written_down()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var operatorSession = await AdminSession.SignInAsync(server);
        using var thief = ConsoleServer.WithToken(server, await operatorSession.CreateTokenAsync("thief", "viewer"));
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/api/v1/status")).StatusCode);
        foreach (var (method, path, body) in Changes)
        {
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, (await SendAsync(thief, method, path, body)).StatusCode));
        }

        var audit = (await operatorSession.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?size=100")).GetProperty("items")
            .EnumerateArray()
            .Where(entry => entry.GetProperty("who").GetString() == "token thief").ToArray();
        Assert.Equal(Changes.Length, audit.Length);
        Assert.All(
            audit,
            entry => Assert.Equal(("refused", "api"), (entry.GetProperty("result").GetString(), entry.GetProperty("via").GetString())));
        Assert.Equal("READY", await thief.GetStringAsync("/ready"));

        Assert.Equal(HttpStatusCode.OK, (await operatorSession.SendAsync(HttpMethod.Delete, "/api/v1/tokens/thief")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await thief.GetAsync("/api/v1/status")).StatusCode);
    }

    [Fact]
    public async Task A_guessed_number_finds_nothing()
    {
        await using var server = await ConsoleServer.StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        Assert.Equal(HttpStatusCode.NotFound, (await session.Http.GetAsync("/api/v1/connections/node-1/424242")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/connections/node-1/424242")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/bans/42")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/tokens/42")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Post, "/api/v1/breakers/42/isolate")).StatusCode);
        using var guesser = ConsoleServer.WithToken(server, "npat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.GetAsync("/api/v1/connections/node-1/1")).StatusCode);
    }

    [Fact]
    public async Task Secrets_are_hidden_in_the_configuration()
    {
        await using var server = await ConsoleServer.StartAsync(
            $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}", "--NetworkProtocol:Admin:OpenIdConnect:ClientSecret=very-secret");
        using var user = new AdminSession(server);
        await user.SignInAsync("admin", ConsoleServer.Password);
        var settings = await user.Http.GetFromJsonAsync<JsonElement[]>("/api/v1/configuration");
        JsonElement Setting(string key) => settings!.Single(setting => setting.GetProperty("key").GetString() == key);
        Assert.Equal("(hidden)", Setting("Admin:Password").GetProperty("value").GetString());
        Assert.Equal("(hidden)", Setting("Admin:OpenIdConnect:ClientSecret").GetProperty("value").GetString());
        Assert.Equal("argument", Setting("Server:Listen").GetProperty("source").GetString());
        Assert.Equal("default", Setting("Server:MaxConnections").GetProperty("source").GetString());
        var everything = await user.Http.GetStringAsync("/api/v1/configuration") + await user.Http.GetStringAsync("/configuration");
        Assert.DoesNotContain("very-secret", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(ConsoleServer.Hash[..20], everything, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient http, HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await http.SendAsync(request);
    }
}
