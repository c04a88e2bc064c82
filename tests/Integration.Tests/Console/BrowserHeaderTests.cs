namespace Integration.Tests.Console;

/// <summary>The headers and cookies with which an answer tells the browser whom to trust.</summary>
public sealed class BrowserHeaderTests
{
    [Fact]
    public async Task Every_answer_tells_the_browser_to_trust_nobody()
    {
        await using var server = await ConsoleServer.StartAsync();
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
    public async Task With_a_certificate_the_port_speaks_https_and_cookies_are_secure()
    {
        using var files = CertificateFiles.Create();
        var serial = files.WriteServer();
        await using var server = await ConsoleServer.StartAsync(
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
}
