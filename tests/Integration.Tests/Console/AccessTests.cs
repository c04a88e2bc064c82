using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>
/// Requests that must get nothing: from a stranger, a hostile page, a stolen viewer's token, a replayed form or a guessed number.
/// </summary>
public sealed class AccessTests
{
    internal const string Password = "correct horse battery staple";

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
    ];

    private static readonly string[] Paths =
    [
        "/", "/connections", "/connections/node-1/1", "/closed", "/bans", "/breakers", "/errors", "/healthchecks-ui", "/certificates",
        "/configuration",
        "/hub/sources", "/hub/data",
        "/tokens", "/audit", "/health/details", "/openapi/v1.json", "/no-such-page", "/_blazor", "/api/v1/status", "/api/v1/connections",
        "/api/v1/connections/node-1/1", "/api/v1/connections/1", "/api/v1/closed", "/api/v1/errors", "/api/v1/breakers", "/api/v1/bans",
        "/api/v1/certificates", "/api/v1/configuration",
        "/api/v1/audit", "/api/v1/tokens", "/api/v1/drain", "/api/v1/series", "/api/v1/health", "/api/v1/antiforgery",
        "/api/v1/hub/sources", "/api/v1/hub/series", "/api/v1/hub/series/1", "/api/v1/hub/readings", "/api/v1/hub/rollups?series=1",
        "/api/v1/hub/totals",
    ];

    [Fact]
    public async Task A_stranger_sees_the_probes_and_nothing_else()
    {
        await using var server = await StartAsync();
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
    public async Task Every_answer_tells_the_browser_to_trust_nobody()
    {
        await using var server = await StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        foreach (var path in (string[])["/", "/sign-in", "/health", "/api/v1/status", "/console.css", "/no-such-page"])
        {
            var headers = (await session.Http.GetAsync(path)).Headers;
            var policy = headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal(("DENY", "no-referrer", "nosniff"), (
                headers.GetValues("X-Frame-Options").Single(), headers.GetValues("Referrer-Policy").Single(),
                headers.GetValues("X-Content-Type-Options").Single()));
        }

        var page = await session.Http.GetStringAsync("/");
        Assert.DoesNotMatch("<script(?![^>]*src=)", page); // the policy blocks inline scripts
        Assert.DoesNotMatch("(src|href)=\"(https?:)?//", page); // the page loads nothing from other hosts
        var cookie = session.SessionCookie;
        Assert.True(cookie.HttpOnly);
    }

    [Fact]
    public async Task A_hostile_page_changes_nothing_with_an_operators_cookie()
    {
        await using var server = await StartAsync();
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
        await using var server = await StartAsync();
        using var operatorSession = await AdminSession.SignInAsync(server);
        using var thief = WithToken(server, await operatorSession.CreateTokenAsync("thief", "viewer"));
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
    public async Task A_replayed_form_does_nothing()
    {
        await using var server = await StartAsync();
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
    public async Task A_guessed_number_finds_nothing()
    {
        await using var server = await StartAsync();
        using var session = await AdminSession.SignInAsync(server);
        Assert.Equal(HttpStatusCode.NotFound, (await session.Http.GetAsync("/api/v1/connections/node-1/424242")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/connections/node-1/424242")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/bans/42")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Delete, "/api/v1/tokens/42")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await session.SendAsync(HttpMethod.Post, "/api/v1/breakers/42/isolate")).StatusCode);
        using var guesser = WithToken(server, "npat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.GetAsync("/api/v1/connections/node-1/1")).StatusCode);
    }

    [Fact]
    public async Task Wrong_passwords_are_limited_and_written_down_and_the_right_one_signs_in()
    {
        await using var server = await StartAsync($"--NetworkProtocol:Admin:Password={Hash}");
        // With a password there is no sign-in link.
        Assert.Equal("/", new Uri(server.Http, server.Output.Split("Console   ")[1].Split('\n')[0]).PathAndQuery);
        using var guesser = new AdminSession(server);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("nobody", Password)).StatusCode);
        using var user = new AdminSession(server);
        Assert.Equal("/", (await user.SignInAsync("admin", Password)).Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await user.Http.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guesser.SignInAsync("admin", "wrong")).StatusCode);
        var refused = await guesser.SignInAsync("admin", Password); // the sixth attempt in this minute; a right password does not help
        Assert.Equal(
            (HttpStatusCode.TooManyRequests, "application/problem+json"),
            (refused.StatusCode, refused.Content.Headers.ContentType?.MediaType));
        Assert.Contains("Too many attempts from your address", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        guesser.Http.DefaultRequestHeaders.Accept.Add(new("text/html"));
        using var page = await guesser.SignInAsync("admin", Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var audit = await user.Http.GetStringAsync("/api/v1/audit");
        Assert.Contains("Name or password is wrong.", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forwarded_address_is_believed_of_a_trusted_proxy_alone()
    {
        foreach (var (proxies, attempts) in ((string, int)[])[
            ("192.0.2.0/24", SignInLimiter.Attempts), ("", SignInLimiter.Attempts), ("127.0.0.0/8", int.MaxValue)])
        {
            string[] trusted = proxies.Length > 0 ? [$"--NetworkProtocol:Http:TrustedProxies:0={proxies}"] : [];
            await using var server = await StartAsync(
                [$"--NetworkProtocol:Admin:Password={Hash}", "--NetworkProtocol:Http:MetricsNetworks:0=10.0.0.0/8", .. trusted]);
            using var guesser = new AdminSession(server);
            for (var i = 0; i < SignInLimiter.Attempts + 2; i++)
            {
                guesser.Http.DefaultRequestHeaders.Remove("X-Forwarded-For");
                guesser.Http.DefaultRequestHeaders.Add("X-Forwarded-For", $"10.0.0.{i}");
                var answer = await guesser.SignInAsync("admin", "wrong");
                Assert.Equal(i < attempts ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, answer.StatusCode);
            }

            Assert.Equal(
                attempts == int.MaxValue ? HttpStatusCode.OK : HttpStatusCode.Forbidden,
                (await guesser.Http.GetAsync("/metrics")).StatusCode);
        }
    }

    [Fact]
    public async Task Of_a_row_of_trusted_proxies_the_first_address_that_is_none_of_them_is_the_users()
    {
        await using var server = await StartAsync(
            $"--NetworkProtocol:Admin:Password={Hash}", "--NetworkProtocol:Http:TrustedProxies:0=127.0.0.0/8",
            "--NetworkProtocol:Http:TrustedProxies:1=10.0.0.0/24",
            "--NetworkProtocol:Http:TrustedProxies:2=2001:db8:1::/48");
        using var session = new AdminSession(server);
        var form = await session.ReadFormAsync("/sign-in");
        (form["name"], form["password"]) = ("admin", Password);
        (string Forwarded, string From)[] cases =
        [
            ("198.51.100.1", "198.51.100.1"),
            ("198.51.100.2, 10.0.0.1", "198.51.100.2"),
            ("198.51.100.3, 10.0.0.2, 10.0.0.1", "198.51.100.3"),
            ("192.0.2.1, 198.51.100.4, 10.0.0.1", "198.51.100.4"), // an address that the user claims
            ("10.0.0.9, 198.51.100.5, 10.0.0.1", "198.51.100.5"), // also if the user claims a trusted proxy's address
            ("192.0.2.1, 10.0.1.1, 10.0.0.1", "10.0.1.1"), // a proxy that is not trusted
            ("2001:db8:2::7, 2001:db8:1::1, 10.0.0.1", "2001:db8:2::7"),
            ("nonsense, 10.0.0.3", "10.0.0.3"),
        ];
        foreach (var (forwarded, from) in cases)
        {
            using var browser = new AdminSession(server);
            var own = await browser.ReadFormAsync("/sign-in");
            (own["name"], own["password"]) = ("admin", Password);
            browser.Http.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
            Assert.Equal((forwarded, HttpStatusCode.Redirect), (forwarded, (await browser.PostAsync("/sign-in", own)).StatusCode));
            var audit = await browser.Http.GetFromJsonAsync<JsonElement>("/api/v1/audit?size=1");
            Assert.Equal((forwarded, from), (forwarded, audit.GetProperty("items")[0].GetProperty("from").GetString()));
        }

        using var proto = new HttpRequestMessage(HttpMethod.Get, "/sign-in")
        {
            Headers = { { "X-Forwarded-For", "198.51.100.6, 10.0.0.1" }, { "X-Forwarded-Proto", "https, http" } },
        };
        using var overHttps = await session.Http.SendAsync(proto);
        Assert.True(overHttps.Headers.Contains("Strict-Transport-Security")); // the first proxy received the request over HTTPS
    }

    [Fact]
    public async Task Two_consoles_at_one_host_name_do_not_sign_each_other_out()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync();
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
    public async Task A_signed_in_user_stays_the_same_until_they_sign_out()
    {
        await using var server = await StartAsync(
            $"--NetworkProtocol:Admin:Password={Hash}", $"--NetworkProtocol:Admin:Users:vera:Password={Hash}");
        using var user = new AdminSession(server);
        await user.SignInAsync("vera", Password);
        var token = await user.Http.GetFromJsonAsync<JsonElement>("/api/v1/antiforgery");
        using var second = await user.PostAsync("/sign-in", new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token.GetProperty("token").GetString()!,
            ["name"] = "admin",
            ["password"] = Password,
        });
        Assert.Equal(HttpStatusCode.Redirect, second.StatusCode);
        Assert.Contains("vera", await user.Http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await user.SendAsync(HttpMethod.Post, "/api/v1/drain", new { perSecond = 1, deadline = "00:01:00" })).StatusCode);
    }

    [Fact]
    public async Task Strangers_write_nothing_into_the_log()
    {
        await using var server = await StartAsync();
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
    public async Task Signing_in_leads_to_no_other_site()
    {
        await using var server = await StartAsync($"--NetworkProtocol:Admin:Password={Hash}");
        foreach (var returnUrl in (string[])["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
        {
            using var user = new AdminSession(server);
            var form = await user.ReadFormAsync($"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}");
            (form["name"], form["password"], form["returnUrl"]) = ("admin", Password, returnUrl);
            Assert.Equal((returnUrl, "/"), (returnUrl, (await user.PostAsync("/sign-in", form)).Headers.Location!.ToString()));
        }
    }

    [Fact]
    public async Task Sessions_tokens_bans_and_the_audit_log_outlive_a_restart_and_no_secret_is_kept_in_the_clear()
    {
        using var data = new TemporaryFolder();
        string secret;
        Cookie cookie;
        await using (var server = await StartAsync($"--NetworkProtocol:Admin:DataPath={data.Path}"))
        {
            using var session = await AdminSession.SignInAsync(server);
            secret = await session.CreateTokenAsync("robot", "operator");
            cookie = session.SessionCookie;
            Assert.Equal(
                HttpStatusCode.OK,
                (await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.0/24", reason = "a test" })).StatusCode);
        }

        await using var again = await StartAsync($"--NetworkProtocol:Admin:DataPath={data.Path}");
        using var robot = WithToken(again, secret);
        Assert.Contains("192.0.2.0/24", await robot.GetStringAsync("/api/v1/bans"), StringComparison.Ordinal);
        Assert.Contains("create-token", await robot.GetStringAsync("/api/v1/audit"), StringComparison.Ordinal);
        using var stillIn = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = again.Http };
        stillIn.DefaultRequestHeaders.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        Assert.Equal(HttpStatusCode.OK, (await stillIn.GetAsync("/api/v1/status")).StatusCode);
        foreach (var file in Directory.GetFiles(data.Path, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Secrets_are_hidden_in_the_configuration()
    {
        await using var server = await StartAsync(
            $"--NetworkProtocol:Admin:Password={Hash}", "--NetworkProtocol:Admin:OpenIdConnect:ClientSecret=very-secret");
        using var user = new AdminSession(server);
        await user.SignInAsync("admin", Password);
        var settings = await user.Http.GetFromJsonAsync<JsonElement[]>("/api/v1/configuration");
        JsonElement Setting(string key) => settings!.Single(setting => setting.GetProperty("key").GetString() == key);
        Assert.Equal("(hidden)", Setting("Admin:Password").GetProperty("value").GetString());
        Assert.Equal("(hidden)", Setting("Admin:OpenIdConnect:ClientSecret").GetProperty("value").GetString());
        Assert.Equal("argument", Setting("Server:Listen").GetProperty("source").GetString());
        Assert.Equal("default", Setting("Server:MaxConnections").GetProperty("source").GetString());
        var everything = await user.Http.GetStringAsync("/api/v1/configuration") + await user.Http.GetStringAsync("/configuration");
        Assert.DoesNotContain("very-secret", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(Hash[..20], everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_certificate_the_port_speaks_https_and_cookies_are_secure()
    {
        using var files = CertificateFiles.Create();
        var serial = files.WriteServer();
        await using var server = await StartAsync(
            $"--NetworkProtocol:Http:Tls:CertificatePath={files.Certificate}", $"--NetworkProtocol:Http:Tls:KeyPath={files.Key}");
        Assert.Equal("https", server.Http.Scheme);
        using var browser = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetSerialNumberString() == serial },
        })
        { BaseAddress = server.Http };
        using var answer = await browser.GetAsync("/sign-in");
        Assert.Contains("max-age=", answer.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie =>
        {
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; path=/;", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.StartsWith("__Host-netproto-", cookie, StringComparison.Ordinal);
        });
    }

    internal static string Hash { get; } = new PasswordHasher<string>().HashPassword("", Password);

    internal static Task<ServerProcess> StartAsync(params string[] more) =>
        ServerProcess.StartAsync(["--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Cluster:NodeId=node-1", .. more]);

    internal static HttpClient WithToken(ServerProcess server, string token) => new()
    {
        BaseAddress = server.Http,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

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

/// <summary>A folder that is removed after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("np-");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
